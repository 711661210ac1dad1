public import FoundationEssentials

extension ModelDirectory {
    /// The files that a copy of the model needs besides its parameters and `config.json`, as paths
    /// from the directory: the tokenizer, the preprocessor, the modules around an encoder.
    public var companions: [String] {
        let files = FileManager.default
        let names = ((try? files.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
        return names.flatMap { name -> [String] in
            let file = url.appending(path: name)
            if Self.isCompanion(name) { return file.isDirectory ? [] : [name] }
            guard Self.isModuleFolder(name), file.isDirectory else { return [] }
            let inside = ((try? files.contentsOfDirectory(atPath: file.path)) ?? []).sorted()
            return inside.filter { !$0.hasPrefix(".") && !file.appending(path: $0).isDirectory }
                .map { "\(name)/\($0)" }
        }
    }

    /// Copies the companions to another directory, or those of them that are wanted.
    ///
    /// Links are followed, so a copy of a cached model stands on its own.
    public func copyCompanions(
        to directory: URL,
        where isWanted: (String) -> Bool = { _ in true }
    ) throws(CheckpointError) {
        let boundary = ModelBoundary(url)
        for name in companions where isWanted(name) {
            let file = url.appending(path: name)
            guard boundary.contains(file) else {
                throw .escapes(file: file.path, directory: url.path)
            }
            let copy = directory.appending(path: name)
            try createDirectory(copy.deletingLastPathComponent())
            try AtomicFile.write(try contents(of: file, limit: 4_000_000_000), to: copy)
        }
    }

    /// The content of a companion, or `nil` where there is none.
    public func companion(_ name: String) throws(CheckpointError) -> Data? {
        let file = url.appending(path: name)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        guard ModelBoundary(url).contains(file) else {
            throw .escapes(file: file.path, directory: url.path)
        }
        return Data(try contents(of: file, limit: 100_000_000))
    }

    private static func isCompanion(_ name: String) -> Bool {
        names.contains(name) || isOfTokenizer(name)
    }

    /// Whether a file of this name belongs to a tokenizer.
    public static func isOfTokenizer(_ name: String) -> Bool {
        tokenizerNames.contains(name) || name.hasPrefix("chat_template.")
    }

    /// Whether this is a folder such as `1_Pooling`, as sentence-transformers have them.
    private static func isModuleFolder(_ name: String) -> Bool {
        let parts = name.split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 && Int(parts[0]) != nil && parts[1].allSatisfy(\.isLetter)
    }

    private static let tokenizerNames: Set = [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "vocab.txt", "vocab.json", "merges.txt", "tokenizer.model", "spiece.model",
        "sentencepiece.bpe.model",
    ]

    private static let names: Set = [
        "generation_config.json", "preprocessor_config.json", "processor_config.json",
        "video_preprocessor_config.json", "modules.json", "sentence_bert_config.json",
        "config_sentence_transformers.json",
    ]
}
