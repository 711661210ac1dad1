public import FoundationEssentials

/// The files that a copy of a model needs besides its parameters and `config.json`: the tokenizer, the
/// preprocessor, the modules around an encoder.
public struct Companions: Sendable {
    /// What a file is for.
    public enum Part: Sendable, CaseIterable {
        /// Texts to ids.
        case tokenizer
        /// Pictures and sounds to numbers.
        case processor
        /// How texts are generated.
        case generation
        /// What sentence-transformers lays around an encoder.
        case sentenceModules
    }

    /// The directory of the model.
    let directory: URL
    /// The parts that are wanted.
    let parts: Set<Part>

    init(of directory: URL, parts: Set<Part> = Set(Part.allCases)) {
        (self.directory, self.parts) = (directory, parts)
    }

    /// The companions without those of one part.
    public func leavingOut(_ part: Part) -> Companions {
        Companions(of: directory, parts: parts.subtracting([part]))
    }

    /// The companions of one part alone.
    public func keeping(_ part: Part) -> Companions {
        Companions(of: directory, parts: parts.intersection([part]))
    }

    /// The files that are there, as paths from the directory.
    public var files: [String] {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
        let folders = Set(modules.map(\.path))
        return names.sorted().flatMap { name -> [String] in
            let isFolder = directory.appending(path: name).isDirectory
            if let part = Self.part(of: name), !isFolder {
                return parts.contains(part) ? [name] : []
            }
            guard isFolder,
                let part = folders.contains(name) ? .sentenceModules : Self.part(ofFolder: name)
            else { return [] }
            return parts.contains(part) ? files(in: name) : []
        }
    }

    /// Whether a vocabulary is among the files that are there: without one, the settings of a tokenizer
    /// are those of somebody else's.
    public var holdVocabulary: Bool {
        keeping(.tokenizer).files.contains { !Self.tokenizerSettings.contains($0) }
    }

    /// Copies them to another directory.
    ///
    /// Links are followed, so a copy of a cached model stands on its own.
    public func copy(to target: URL) throws(CheckpointError) {
        let boundary = ModelBoundary(directory)
        for name in files {
            let file = directory.appending(path: name)
            guard boundary.contains(file) else {
                throw .escapes(file: file.path, directory: directory.path)
            }
            let copy = target.appending(path: name)
            try createDirectory(copy.deletingLastPathComponent())
            try AtomicFile.copy(file, to: copy)
        }
    }

    private func files(in folder: String) -> [String] {
        let url = directory.appending(path: folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.sorted().filter {
            !$0.hasPrefix(".") && !url.appending(path: $0).isDirectory
        }.map { "\(folder)/\($0)" }
    }
}

extension ModelDirectory {
    /// The files that belong to the model besides its parameters and `config.json`.
    public var companions: Companions { Companions(of: url) }

    /// The content of a companion, or `nil` where there is none.
    public func companion(_ name: String) throws(CheckpointError) -> Data? {
        let file = url.appending(path: name)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        guard ModelBoundary(url).contains(file) else {
            throw .escapes(file: file.path, directory: url.path)
        }
        return Data(try contents(of: file, limit: 100_000_000))
    }
}

// MARK: Names

extension Companions {
    private static func part(of name: String) -> Part? {
        if let part = names[name] { return part }
        let isVocabulary =
            [".tiktoken", ".spm"].contains { name.hasSuffix($0) }
            || name.hasPrefix("vocab")
                && [".json", ".txt", ".bpe"].contains { name.hasSuffix($0) }
        return isVocabulary || name.hasPrefix("chat_template.") ? .tokenizer : nil
    }

    /// Folders such as `1_Pooling`, as sentence-transformers have them, and of chat templates.
    private static func part(ofFolder name: String) -> Part? {
        if name == "additional_chat_templates" { return .tokenizer }
        let parts = name.split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        let isModule = parts.count == 2 && Int(parts[0]) != nil && parts[1].allSatisfy(\.isLetter)
        return isModule ? .sentenceModules : nil
    }

    /// The files of tokenizers that hold no vocabulary.
    private static let tokenizerSettings: Set<String> = [
        "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "merges.txt",
        "chat_template.json", "chat_template.jinja",
    ]

    private static let names: [String: Part] = [
        "tokenizer.json": .tokenizer, "tokenizer_config.json": .tokenizer,
        "special_tokens_map.json": .tokenizer, "added_tokens.json": .tokenizer,
        "merges.txt": .tokenizer, "bpe.codes": .tokenizer, "tekken.json": .tokenizer,
        "tokenizer.model": .tokenizer, "spiece.model": .tokenizer, "spm.model": .tokenizer,
        "sentencepiece.model": .tokenizer, "sentencepiece.bpe.model": .tokenizer,
        "generation_config.json": .generation,
        "preprocessor_config.json": .processor, "processor_config.json": .processor,
        "image_processor_config.json": .processor, "video_preprocessor_config.json": .processor,
        "modules.json": .sentenceModules, "sentence_bert_config.json": .sentenceModules,
        "config_sentence_transformers.json": .sentenceModules,
    ]
}
