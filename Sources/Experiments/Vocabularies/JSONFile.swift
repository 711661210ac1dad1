internal import Checkpoints
internal import FoundationEssentials

/// A JSON object in a file of a tokenizer, to be changed in places.
struct JSONFile {
    private let url: URL
    private let data: Data

    /// Reads a file; `nil` where there is none.
    init?(_ name: String, in directory: URL) throws {
        url = directory.appending(path: name)
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        data = try Data(contentsOf: url)
    }

    /// Writes the file with changes, if there are any.
    func change(_ change: (inout EditedJSON) -> Void) throws {
        guard var json = EditedJSON(data) else {
            throw VocabularyError.notAnObject(file: url.path)
        }
        change(&json)
        let changed = Data(json.bytes)
        if changed != data { try AtomicFile.write(changed, to: url) }
    }
}
