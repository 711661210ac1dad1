internal import FoundationEssentials
internal import OrderedCollections

/// Where an index and the files that it lists do not agree.
public indirect enum IndexFault: Sendable, Equatable {
    /// A file name that is no plain path inside the directory.
    case unsafeName(String)
    /// A file that leads out of the directory by a symbolic link.
    case escapes(String)
    case missingFile(String, tensors: Int)
    case damagedFile(CheckpointError)
    case missingTensor(String, file: String)
    case twice(tensor: String, first: String, second: String)
}

extension IndexFault: CustomStringConvertible {
    /// A part of the sentence of a `CheckpointError`.
    public var description: String {
        switch self {
        case .unsafeName(let file): "the file name \(quoted(file)) leaves the directory"
        case .escapes(let file): "\(quoted(file)) is a link that leaves the directory"
        case .missingFile(let file, let count): "\(quoted(file)), with \(count) tensors, is missing"
        case .damagedFile(let error): error.description
        case .missingTensor(let tensor, let file): "\(quoted(tensor)) is not in \(quoted(file))"
        case .twice(let tensor, let first, let second):
            "\(quoted(tensor)) is both in \(quoted(first)) and in \(quoted(second))"
        }
    }
}

extension Checkpoint {
    /// Opens all files of an index and reports together whatever does not fit.
    init(index url: URL) throws(CheckpointError) {
        let weightMap = try Self.weightMap(of: url)
        let directory = url.deletingLastPathComponent()
        let boundary = ModelBoundary(directory)
        var faults: [IndexFault] = []
        var files: [URL] = []
        var metadata: [String: String] = [:]
        var views: OrderedDictionary<String, TensorView> = [:]
        var homes: [String: String] = [:]
        var opened: Set<String> = []

        let names = OrderedDictionary(grouping: weightMap, by: \.value).mapValues(\.count)
        for (name, count) in names.sorted(by: { $0.key < $1.key }) {
            let file = directory.appending(path: name)
            guard ModelBoundary.isPlain(name) else {
                faults.append(.unsafeName(name))
                continue
            }
            guard FileManager.default.fileExists(atPath: file.path) else {
                faults.append(.missingFile(name, tensors: count))
                continue
            }
            guard boundary.contains(file) else {
                faults.append(.escapes(name))
                continue
            }
            let shard: Shard
            do throws(CheckpointError) {
                shard = try Shard(file)
            } catch {
                faults.append(.damagedFile(error))
                continue
            }
            files.append(file)
            opened.insert(name)
            metadata.merge(shard.metadata) { first, _ in first }
            for view in shard.views {
                if let first = homes.updateValue(name, forKey: view.name) {
                    faults.append(.twice(tensor: view.name, first: first, second: name))
                }
                views[view.name] = view
            }
        }
        for (tensor, file) in weightMap where opened.contains(file) && homes[tensor] != file {
            // A tensor that lies in another file than the index says is missing in the one it names.
            faults.append(.missingTensor(tensor, file: file))
        }
        if !faults.isEmpty { throw .invalidIndex(file: url.path, faults) }
        self.init(files: files, metadata: metadata, views: views)
    }

    /// The file of every tensor, as the index has it.
    private static func weightMap(
        of url: URL
    ) throws(CheckpointError) -> OrderedDictionary<String, String> {
        let bytes = try contents(of: url)
        var weightMap: OrderedDictionary<String, String>?
        do throws(JSONFault) {
            var reader = JSONReader(bytes)
            try reader.object { (reader, key) throws(JSONFault) in
                guard key == "weight_map" else { return try reader.skip() }
                var files: OrderedDictionary<String, String> = [:]
                try reader.object { (reader, tensor) throws(JSONFault) in
                    files[tensor] = try reader.string()
                }
                weightMap = files
            }
            try reader.end()
            guard let weightMap else { throw .unexpectedEnd(expected: "the key “weight_map”") }
            return weightMap
        } catch {
            throw .malformed(file: url.path, part: "index", error)
        }
    }
}
