internal import FoundationEssentials

// What is needed follows from what is there. A directory of weights alone needs nothing, since
// that is how many models lie on a disk; but a file that names others is of no use without them.

extension Companions {
    /// Throws unless everything is there that the companions name.
    ///
    /// `tokenizer_config.json` needs a vocabulary of its tokenizer's kind, `vocab.json` of byte pairs
    /// their merges, and `modules.json` the folder of every module that has settings.
    ///
    /// - Throws: `CheckpointError.missingCompanions` with everything that is missing.
    public func check() throws(CheckpointError) {
        var faults: [CompanionFault] = []
        if parts.contains(.tokenizer) { checkTokenizer(&faults) }
        if parts.contains(.sentenceModules) { checkModules(&faults) }
        if !faults.isEmpty { throw .missingCompanions(directory: directory.path, faults) }
    }

    private func checkTokenizer(_ faults: inout [CompanionFault]) {
        let file = "tokenizer_config.json"
        guard has(file) else { return }
        guard let json = json(file) else { return faults.append(.notJSON(file: file)) }
        var name: String?
        if case .string(let text)? = json["tokenizer_class"] { name = text }
        let family = TokenizerFamily(className: name)
        if family.vocabularies.isEmpty { return }
        let isThere = family.vocabularies.contains { $0.contains(where: has) }
        if !isThere, !(family == .unknown && hasOtherVocabulary) {
            let expected = family.vocabularies.map { $0[0] }
            return faults.append(.noVocabulary(tokenizer: name, file: file, expected: expected))
        }
        guard family == .bytePairs, !has("tokenizer.json") else { return }
        // Byte pairs in two files need both.
        for (one, other) in [("vocab.json", "merges.txt"), ("merges.txt", "vocab.json")]
        where has(one) && !has(other) {
            faults.append(.noPartner(file: one, missing: other))
        }
    }

    private var hasOtherVocabulary: Bool {
        files.contains { name in
            name.hasPrefix("vocab")
                || [".tiktoken", ".spm", ".model", ".codes"].contains { name.hasSuffix($0) }
        }
    }

    private func checkModules(_ faults: inout [CompanionFault]) {
        let file = "modules.json"
        guard has(file) else { return }
        guard case .array? = json(file) else { return faults.append(.notJSON(file: file)) }
        for module in modules where module.hasSettings {
            guard ModelBoundary.isPlain(module.path), !module.path.contains("/") else {
                faults.append(.unsafeFolder(file: file, folder: module.path))
                continue
            }
            let settings = "\(module.path)/config.json"
            if !has(settings) { faults.append(.noModule(file: file, missing: settings)) }
        }
    }

    private func has(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: directory.appending(path: name).path)
    }

    private func json(_ name: String) -> JSONValue? {
        let file = directory.appending(path: name)
        guard ModelBoundary(directory).contains(file), let bytes = try? contents(of: file) else {
            return nil
        }
        return try? JSONValue(parsing: bytes)
    }
}

// MARK: Modules of sentence-transformers

extension Companions {
    struct Module {
        let path: String
        let type: String

        /// Whether there are files of it; a module that only normalises has none, and an empty folder
        /// is lost on the way through version control.
        var hasSettings: Bool { !path.isEmpty && !type.hasSuffix(".Normalize") }
    }

    /// The modules around the encoder that `modules.json` lists.
    var modules: [Module] {
        guard case .array(let entries)? = json("modules.json") else { return [] }
        return entries.compactMap { entry in
            guard case .string(let path)? = entry["path"], case .string(let type)? = entry["type"]
            else { return nil }
            return Module(path: path, type: type)
        }
    }
}

/// The tokenizers that need the same files.
enum TokenizerFamily {
    case wordPieces, bytePairs, sentencePieces, bytes, unknown

    /// The family of a class of transformers.
    init(className: String?) {
        var name = className ?? ""
        if name.hasSuffix("Fast") { name.removeLast(4) }
        if name.hasSuffix("Tokenizer") { name.removeLast(9) }
        self = Self.table.first { $0.names.contains(name) }?.family ?? .unknown
    }

    /// The vocabularies of which one must be there; for each, its files.
    var vocabularies: [[String]] {
        let all = ["tokenizer.json"]
        return switch self {
        case .bytes: []
        case .wordPieces: [all, ["vocab.txt"]]
        case .bytePairs: [all, ["vocab.json", "merges.txt"]]
        case .sentencePieces:
            [
                all,
                [
                    "tokenizer.model", "spiece.model", "spm.model", "sentencepiece.model",
                    "sentencepiece.bpe.model",
                ],
            ]
        case .unknown:
            [all, ["vocab.txt"], ["vocab.json"], ["tokenizer.model"], ["tekken.json"]]
        }
    }

    private static let table: [(family: TokenizerFamily, names: Set<String>)] = [
        (
            .wordPieces,
            [
                "Bert", "DistilBert", "Electra", "MPNet", "MobileBert", "Splinter", "ConvBert",
                "LayoutLM",
            ]
        ),
        (
            .bytePairs,
            [
                "GPT2", "Roberta", "CLIP", "Bart", "Longformer", "Deberta", "Whisper", "CodeGen",
                "Qwen2",
            ]
        ),
        (
            .sentencePieces,
            [
                "Llama", "T5", "Albert", "XLMRoberta", "Camembert", "DebertaV2", "Gemma", "MBart",
                "XLNet",
            ]
        ),
        (.bytes, ["ByT5", "Canine", "Perceiver"]),
    ]
}
