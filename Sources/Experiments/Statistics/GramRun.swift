internal import Autograd
internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors
internal import Transformers

/// Collects the Gram matrices of a model on some examples.
struct GramRun: Sendable {
    let source: StatisticsTask
    let split: OpenSplit
    let workers: Workers
    let observer: Observer

    /// Writes the matrices, and returns their number.
    ///
    /// Where they do not fit the memory together, the examples are run again for the next of them.
    func write(
        _ provenance: StatisticsFile.Provenance,
        to output: URL,
        _ options: StatisticsCollection.Options
    ) throws -> Int {
        // Everything that the model asks for is read once.
        let parameters = KnownParameters(source.task.expert.parameters(on: source.parameters))
        let survey = GramCollector(over: parameters, counting: false)
        let first = Array((0..<split.encoded.count).prefix(1))
        try source.run(split, [first], survey, workers, Observer())
        let bundles = bundles(of: survey, within: options.memory)
        observer.begin("running", split.encoded.count * bundles.count)
        var written: [(name: String, width: Int)] = []
        var rows: [String: Int] = [:]
        var parts: [URL] = []
        defer { for part in parts { try? FileManager.default.removeItem(at: part) } }
        for (index, bundle) in bundles.enumerated() {
            let collector = GramCollector(over: parameters, names: Set(bundle))
            try source.run(split, split.encoded.statisticsPieces, collector, workers, observer)
            let tensors = bundle.map { (name: $0, width: collector.width(of: $0)) }
            for name in bundle { rows[name] = collector.rows(of: name) }
            written += tensors
            let isOnly = bundles.count == 1
            let part =
                isOnly
                ? output
                : output.deletingLastPathComponent()
                    .appending(path: ".\(output.lastPathComponent).part-\(index)")
            if !isOnly { parts.append(part) }
            let writer = try writer(part, tensors, provenance.metadata(.gram, rows: rows), options)
            for (name, width) in tensors {
                let triangle = collector.triangle(of: name)
                try writer.write(name, options.isFull ? triangle.symmetric(width: width) : triangle)
            }
            try writer.finish()
        }
        if !parts.isEmpty {
            // Rows are only known at the end, and stand at the front of the file.
            let all = try parts.map { try Checkpoint(at: $0) }
            let metadata = provenance.metadata(.gram, rows: rows)
            let writer = try writer(output, written, metadata, options)
            for view in try all.flatMap({ try $0.views($0.names) }) {
                try view.withBytes { try writer.write(view.name, bytes: $0, at: 0) }
            }
            try writer.finish()
        }
        return written.count
    }

    /// Weights whose matrices fit the memory together, in the order of the model.
    private func bundles(of survey: GramCollector, within memory: Int) -> [[String]] {
        var bundles: [[String]] = []
        var bytes = 0
        var known: Set<String> = []
        for name in survey.names {
            let width = survey.width(of: name)
            // Weights that share rows share a matrix, in memory if not in the file.
            let size = known.insert(survey.key(of: name)).inserted ? width * (width + 1) / 2 * 8 : 0
            if bundles.isEmpty || (bytes + size > memory && size > 0) {
                bundles.append([])
                bytes = 0
            }
            bundles[bundles.count - 1].append(name)
            bytes += size
        }
        return bundles
    }

    private func writer(
        _ file: URL,
        _ tensors: [(name: String, width: Int)],
        _ metadata: [String: String],
        _ options: StatisticsCollection.Options
    ) throws -> CheckpointWriter {
        try CheckpointWriter(
            file: file,
            tensors: tensors.map { name, width in
                TensorDeclaration(
                    name: name,
                    dtype: options.dtype,
                    shape: options.isFull ? [width, width] : [width * (width + 1) / 2]
                )
            },
            metadata: metadata
        )
    }
}

extension EncodedExamples {
    /// Micro-batches for sums of products: adding a matrix to its sum costs as much for few tokens
    /// as for many.
    var statisticsPieces: [[Int]] {
        microBatches(of: Array(0..<count), tokens: 1024).map(\.positions)
    }
}

extension StatisticsTask {
    /// Runs the task's class of model over the examples of some pieces, watched by a collector.
    func run(
        _ split: OpenSplit,
        _ pieces: [[Int]],
        _ collector: GramCollector,
        _ workers: Workers,
        _ observer: Observer
    ) throws {
        try workers.forEach(pieces.count) { pass in
            defer { collector.finish(pass: pass) }
            if observer.isCancelled() { throw CancellationError() }
            let model = try task.expert.model(from: collector.parameters(ofPass: pass))
            let output = try model(split.encoded.input(pieces[pass]))
            // One output, by way of which every map is run once.
            guard let entry = output.last else { return }
            _ = entry.value
            observer.advance(pieces[pass].count)
        }
    }
}

extension ModelOutput {
    /// The output that stands at the end of a model: what it is asked for in the end.
    fileprivate var last: Entry? {
        let names = ["logits", "image_embeds", "text_embeds", "pooler_output", "last_hidden_state"]
        return names.lazy.compactMap { name in entries.first { $0.name == name } }.first
    }
}
