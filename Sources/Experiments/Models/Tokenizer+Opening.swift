internal import Checkpoints
internal import Foundation
public import Tokenizers

extension Tokenizer {
    /// Opens the tokenizer of a model by the path of its directory, which may hold nothing else, or
    /// by the model's id in the local Hugging Face cache.
    public init(opening reference: String) throws {
        let here = URL(filePath: FileManager.default.currentDirectoryPath)
        try self.init(directory: ModelDirectory(resolving: reference, relativeTo: [here]).url)
    }
}
