internal import Checkpoints
public import Foundation
public import Merging
public import Tensors

/// `merganser vector extract`: what an expert's fine-tuning changed, in a file to share.
public enum VectorExtraction {
    /// What was written.
    public struct Result: Sendable, Encodable, Equatable {
        /// A parameter, and how far what is stored of it is from the truth.
        public struct Parameter: Sendable, Encodable, Equatable {
            /// Its name in the base.
            public let name: String
            /// `dense`, `sparse`, `low_rank` or `zero`.
            public let layout: String
            /// `‖stored − τ‖ / ‖τ‖`.
            public let relativeError: Double

            enum CodingKeys: String, CodingKey {
                case name, layout
                case relativeError = "relative_error"
            }
        }

        /// The file.
        public let file: String
        /// How it is stored, such as `sparse, density 0.05`.
        public let layout: String
        /// The bytes of the file.
        public let bytes: Int
        /// The entries of the whole vector.
        public let entries: Int
        /// The numbers that are stored for them.
        public let stored: Int
        /// `‖τ‖`.
        public let norm: Double
        /// `‖stored − τ‖ / ‖τ‖`.
        public let relativeError: Double
        /// The parameters that the expert changed.
        public let parameters: [Parameter]

        enum CodingKeys: String, CodingKey {
            case file, layout, bytes, entries, stored, norm, parameters
            case relativeError = "relative_error"
        }
    }

    /// Writes the task vector of an expert; models are given by their paths or ids.
    ///
    /// The file appears when it is complete, and nothing of a model's size is in memory.
    public static func run(
        base: String,
        expert: String,
        as layout: TaskVectorLayout,
        isHalf: Bool = false,
        to output: URL,
        workers: Workers = .all,
        observer: Observer = Observer()
    ) throws -> Result {
        var isDirectory = false
        _ = FileManager.default.fileExists(atPath: output.path, isDirectory: &isDirectory)
        if isDirectory { throw CheckpointError.notAFile(file: output.path, kind: "a directory") }
        let models = try VectorModels(base: base, experts: [expert])
        let (base, expert) = (models.base, models.experts[0])
        let step: TaskVectorEncoding.Step = {
            observer.advance(1)
            if observer.isCancelled() { throw CancellationError() }
        }
        observer.begin("hashing", 2)
        let hashes = try workers.map(2) { index in
            let hash = try models.hash(of: index == 0 ? base : expert)
            try step()
            return hash
        }
        observer.begin("measuring", models.pool.parameters.count)
        let encoding = try TaskVectorEncoding(
            models.pool,
            as: layout,
            storedAs: isHalf ? .bfloat16 : .float32,
            workers: workers,
            step: step
        )
        guard encoding.norm > 0 else {
            throw TaskVectorError.nothingChanged(
                base: base.reference.title,
                expert: expert.reference.title
            )
        }
        try FileManager.default.createDirectory(
            at: output.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        observer.begin("writing", models.pool.parameters.count)
        let provenance = TaskVectorFile.Provenance(
            base: hashes[0],
            expert: hashes[1],
            baseName: base.reference.title,
            expertName: expert.reference.title,
            version: Version.current
        )
        try encoding.write(to: output, provenance, workers: workers, step: step)
        let file = try TaskVectorFile(contentsOf: output)
        return Result(
            file: output.path,
            layout: file.layout,
            bytes: try output.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0,
            entries: models.pool.parameters.reduce(0) { $0 + $1.count },
            stored: encoding.stored,
            norm: encoding.norm,
            relativeError: encoding.relativeError,
            parameters: models.pool.parameters.compactMap { parameter in
                file.parameters[parameter.name].map {
                    Result.Parameter(
                        name: parameter.name,
                        layout: $0.layout.rawValue,
                        relativeError: $0.relativeError
                    )
                }
            }
        )
    }
}
