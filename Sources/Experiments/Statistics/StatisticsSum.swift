internal import Checkpoints
public import Foundation
internal import Merging
internal import Tensors

/// `merganser statistics add`: statistics of one model on several parts of its data, as one.
public enum StatisticsSum {
    /// Writes the sum of Gram matrices, or the mean of Fisher information over all examples.
    ///
    /// - Throws: `StatisticsError.notAddable` unless all files are of one kind, model and policy.
    public static func write(_ inputs: [URL], to output: URL) throws -> StatisticsCollection.Result
    {
        let files = try inputs.map { try StatisticsFile(contentsOf: $0) }
        let first = files[0]
        for other in files.dropFirst() {
            if let reason = first.reasonNotToAdd(other) {
                throw StatisticsError.notAddable(
                    files: [first.url.path, other.url.path],
                    reason: reason
                )
            }
        }
        var provenance = first.provenance
        provenance.examples = files.reduce(0) { $0 + $1.provenance.examples }
        provenance.data = ContentHash.of(hashes: files.map(\.provenance.data))
        provenance.split = files.map(\.provenance.split).joined(separator: " + ")
        let rows = first.names.reduce(into: [:]) { table, name in
            table[name] = files.reduce(0) { $0 + ($1.rows[name] ?? 0) }
        }
        let shapes = try first.names.map { try first.shape(of: $0) }
        let writer = try CheckpointWriter(
            file: output,
            tensors: zip(first.names, shapes).map {
                TensorDeclaration(name: $0, dtype: .float32, shape: $1)
            },
            metadata: provenance.metadata(first.kind, rows: rows)
        )
        for (name, shape) in zip(first.names, shapes) {
            var sum = Tensor.zeros(shape)
            for file in files {
                let share = Double(file.provenance.examples) / Double(provenance.examples)
                sum.add(try file.tensor(name), times: first.kind == .gram ? 1 : Float(share))
            }
            try writer.write(name, sum)
        }
        try writer.finish()
        return StatisticsCollection.Result(
            file: output.path,
            kind: first.kind.rawValue,
            task: "",
            split: provenance.split,
            examples: provenance.examples,
            tensors: first.names.count,
            bytes: try output.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        )
    }
}
