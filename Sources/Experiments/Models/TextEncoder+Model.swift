internal import Foundation
internal import Tasks
internal import Tokenizers

extension TextEncoder {
    /// What encodes texts for a model of a configuration.
    ///
    /// - Parameters:
    ///   - directories: where a tokenizer is looked for; the first that holds one has it.
    ///   - configuration: the `config.json` of the model, which limits how much it reads.
    ///   - maximumLength: how many tokens are read at most; `nil` for what the model reads.
    /// - Throws: an error of the tokenizer's files, or of limits that do not fit it.
    init(tokenizerIn directories: [URL], configuration: Data, maximumLength: Int?) throws {
        try self.init(
            tokenizer: Tokenizer.first(in: directories),
            limits: TextLimits(configuration: configuration),
            maximumLength: maximumLength
        )
    }
}

extension Tokenizer {
    /// The tokenizer of the first directory that holds one; `nil` where none does.
    static func first(in directories: [URL]) throws -> Tokenizer? {
        try directories.first(where: isIn(_:)).map { try Tokenizer(directory: $0) }
    }

    /// Whether a directory holds the files of a tokenizer.
    static func isIn(_ directory: URL) -> Bool {
        ["tokenizer.json", "vocab.txt", "vocab.json"].contains {
            FileManager.default.fileExists(atPath: directory.appending(path: $0).path)
        }
    }
}

extension TextLimits {
    /// The sizes of a model's tables, from its `config.json`.
    fileprivate init(configuration: Data) {
        let file = (try? JSONSerialization.jsonObject(with: configuration)) as? [String: Any]
        // CLIP's describes its text tower in a part of its own.
        let keys = file?["text_config"] as? [String: Any] ?? file
        self.init(
            positions: keys?["max_position_embeddings"] as? Int,
            vocabulary: keys?["vocab_size"] as? Int,
            types: keys?["type_vocab_size"] as? Int
        )
    }
}

extension DataSource {
    /// The data of a recipe's task.
    init(_ data: TaskData) {
        self.init(
            path: URL(filePath: data.path),
            format: data.format,
            text: data.text,
            textPair: data.textPair,
            label: data.label,
            maximumLength: data.maxLength
        )
    }
}
