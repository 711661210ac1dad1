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

    /// Hashes the files and looks at the machine.
    init(files: [URL], command: [String], workers: Workers, observer: Observer) throws {
        inputs = try Self.inputs(files, workers, observer)
        version = Version.current
        blas = LinearAlgebra.kernel
        blasConfiguration = LinearAlgebra.configuration
        threads = workers.count
        self.command = command
    }

    /// Every file that a run of a recipe reads.
    static func inputFiles(of setup: MergeSetup, _ tasks: [OpenTask]) -> [URL] {
        setup.inputFiles + tasks.flatMap(\.inputFiles)
    }

    /// The files that were not read, or are no longer what they were.
    func changedInputs(
        among files: [URL],
        workers: Workers,
        observer: Observer = Observer()
    ) throws -> [Input] {
        changes(in: try Self.inputs(files, workers, observer))
    }

    /// The inputs that are not the ones that were read.
    func changes(in inputs: [Input]) -> [Input] {
        let known = Dictionary(self.inputs.map { ($0.path, $0.sha256) }) { first, _ in first }
        return inputs.filter { known[$0.path] != $0.sha256 }
    }

    private static func inputs(
        _ files: [URL],
        _ workers: Workers,
        _ observer: Observer
    ) throws -> [Input] {
        let unique = Set(files.map { $0.resolvingSymlinksInPath().path }).sorted()
        observer.begin("hashing inputs", unique.count)
        return try workers.map(unique.count) { index in
            let url = URL(filePath: unique[index])
            let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
            defer { observer.advance(1) }
            return Input(
                path: url.path,
                bytes: (attributes[.size] as? NSNumber)?.intValue ?? 0,
                sha256: try SHA256Hash.ofFile(url)
            )
        }
    }
}

/// The version of Merganser.
public enum Version {
    /// As `merganser --version` prints it.
    public static let current = "0.1.0"
}
