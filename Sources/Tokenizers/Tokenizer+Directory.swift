public import FoundationEssentials

extension Tokenizer {
    /// Reads the tokenizer of a model's directory.
    ///
    /// That is `tokenizer.json` or, in the directories of old models, a vocabulary with the settings
    /// of `tokenizer_config.json`: BERT's `vocab.txt`, which without settings is taken to be uncased,
    /// or `vocab.json` and `merges.txt` where the settings say that they are CLIP's.
    ///
    /// - Throws: ``TokenizerError`` with the file, the key, what was expected and what was found.
    public init(directory: URL) throws {
        let settings = try DirectorySettings(
            try Self.configuration(named: "tokenizer_config.json", in: directory)
        )
        if let json = try Self.content(of: "tokenizer.json", in: directory) {
            try self.init(json: json.data, named: json.path, settings: settings)
        } else if let vocabulary = try Self.content(of: "vocab.txt", in: directory) {
            try self.init(
                lines: try Self.lines(of: vocabulary.data, file: vocabulary.path),
                file: vocabulary.path,
                addedTokens: try Self.configuration(named: "added_tokens.json", in: directory),
                settings: settings
            )
        } else if let vocabulary = try Self.configuration(named: "vocab.json", in: directory) {
            guard let merges = try Self.content(of: "merges.txt", in: directory) else {
                throw TokenizerError.noTokenizer(directory: directory.path)
            }
            try self.init(
                vocabulary: vocabulary,
                merges: try Self.lines(of: merges.data, file: merges.path),
                file: merges.path,
                addedTokens: try Self.configuration(named: "added_tokens.json", in: directory),
                settings: settings
            )
        } else {
            throw TokenizerError.noTokenizer(directory: directory.path)
        }
    }

    /// Whether a directory holds the files of a tokenizer that can be read.
    ///
    /// They may be broken: then ``init(directory:)`` says in what way.
    package static func exists(in directory: URL) -> Bool {
        func exists(_ name: String) -> Bool {
            FileManager.default.fileExists(atPath: directory.appending(path: name).path)
        }
        if exists("tokenizer.json") || exists("vocab.txt") { return true }
        guard exists("vocab.json"), exists("merges.txt"),
            let configuration = try? configuration(named: "tokenizer_config.json", in: directory)
        else { return false }
        return (try? DirectorySettings(configuration))?.isOfCLIP ?? false
    }

    static func content(
        of name: String,
        in directory: URL
    ) throws -> (data: Data, path: String)? {
        let url = directory.appending(path: name)
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        do {
            return (try Data(contentsOf: url), url.path)
        } catch {
            throw TokenizerError.unreadable(file: url.path, reason: "\(error)")
        }
    }

    static func configuration(
        named name: String,
        in directory: URL
    ) throws -> Configuration? {
        try content(of: name, in: directory).map { data, path in
            Configuration(file: path, value: try JSONParser.parse(data, file: path))
        }
    }

    static func lines(of data: Data, file: String) throws -> [Substring] {
        guard let text = String(validating: data, as: UTF8.self) else {
            throw TokenizerError.notUTF8(file: file)
        }
        let scalars = text.unicodeScalars
        var lines = scalars.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { Substring($0.last == "\r" ? $0.dropLast() : $0) }
    }
}

// MARK: - BERT without tokenizer.json

extension Tokenizer {
    /// The tokenizer that a BERT directory without `tokenizer.json` means.
    private init(
        lines: [Substring],
        file: String,
        addedTokens: Configuration?,
        settings: DirectorySettings
    ) throws {
        let vocabulary = Vocabulary(lines: lines)
        let required = [
            settings.unknownToken ?? "[UNK]", settings.classToken ?? "[CLS]",
            settings.separatorToken ?? "[SEP]",
        ]
        let names = [
            required[0], required[2], settings.paddingToken ?? "[PAD]", required[1],
            settings.maskToken ?? "[MASK]",
        ]
        let ids = try vocabulary.ids(of: required, file: file)
        let added = try addedTokens.map { try Self.contents(of: $0) } ?? []
        try self.init(
            normalizer: BertNormalizer(
                separatesChinese: settings.separatesChinese,
                stripsAccents: settings.stripsAccents,
                lowercases: settings.lowercases
            ),
            preTokenizer: BertPreTokenizer(),
            model: WordPiece(vocabulary: vocabulary, unknownID: ids[0]),
            postProcessor: BertProcessing(
                beginning: (required[1], ids[1]),
                end: (required[2], ids[2])
            ),
            addedTokens: added.map { .init(content: $0, isNormalized: true) }
                + names.map { .special($0) },
            settings: settings
        )
    }

    /// The tokens of an `added_tokens.json`, by their ids.
    static func contents(of configuration: Configuration) throws -> [String] {
        try configuration.entries()
            .map { token, value in
                let entry = Configuration(file: configuration.file, path: token, value: value)
                return (token: token, id: try entry.id())
            }
            .sorted { $0.id < $1.id }
            .map(\.token)
    }
}
