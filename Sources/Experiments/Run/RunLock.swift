internal import Checkpoints
internal import Foundation
internal import Tensors

/// What a run was made from: `lock.json`.
public struct RunLock: Codable, Sendable, Equatable {
    /// One input file.
    public struct Input: Codable, Sendable, Equatable {
        /// Where it lies.
        public var path: String
        /// Its size in bytes.
        public var bytes: Int
        /// The SHA-256 of its content.
        public var sha256: String
    }

    /// Every file that was read.
    public var inputs: [Input]
    /// The version of Merganser.
    public var version: String
    /// The kernel that OpenBLAS chose for the processor.
    public var blas: String
    /// The version and build of OpenBLAS.
    public var blasConfiguration: String
    /// The number of threads.
    public var threads: Int
    /// The command that made the run.
    public var command: [String]

    enum CodingKeys: String, CodingKey {
        case inputs, version, blas, threads, command
        case blasConfiguration = "blas_configuration"
    }

    /// Looks at the machine.
    init(inputs: [Input], command: [String], workers: Workers) {
        self.inputs = inputs
        version = Version.current
        blas = LinearAlgebra.kernel
        blasConfiguration = LinearAlgebra.configuration
        threads = workers.count
        self.command = command
    }

    /// Every file that a run of a recipe reads, as it is now.
    static func inputs(
        of setup: MergeSetup,
        _ tasks: [OpenTask],
        _ workers: Workers,
        _ observer: Observer,
        shared: SharedWork = SharedWork()
    ) throws -> [Input] {
        let files = setup.inputFiles + tasks.flatMap(\.inputFiles)
        return try inputs(files, workers, observer, shared: shared)
    }

    /// The inputs that are not the ones that were read.
    func changes(in inputs: [Input]) -> [Input] {
        let known = Dictionary(self.inputs.map { ($0.path, $0.sha256) }) { first, _ in first }
        return inputs.filter { known[$0.path] != $0.sha256 }
    }

    /// The files, as they are now: each is read once, to its end.
    static func inputs(
        _ files: [URL],
        _ workers: Workers,
        _ observer: Observer,
        shared: SharedWork = SharedWork()
    ) throws -> [Input] {
        let unique = Set(files.map { $0.resolvingSymlinksInPath().path }).sorted()
        observer.begin("hashing inputs", unique.count)
        return try workers.map(unique.count) { index in
            let url = URL(filePath: unique[index])
            let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
            defer { observer.advance(1) }
            let bytes = (attributes[.size] as? NSNumber)?.intValue ?? 0
            let changed = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            return Input(
                path: url.path,
                bytes: bytes,
                sha256: try shared.value("SHA-256 of \(url.path), \(bytes), \(changed)") {
                    try SHA256Hash.ofFile(url)
                }
            )
        }
    }
}

/// The version of Merganser.
public enum Version {
    /// As `merganser --version` prints it.
    public static let current = "0.1.0"
}
