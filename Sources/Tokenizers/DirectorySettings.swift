/// What a `tokenizer_config.json` says besides `tokenizer.json`, or before that file existed.
struct DirectorySettings: Sendable {
    /// The kind of tokenizer, as transformers calls it.
    var tokenizerClass: String?
    /// The most tokens that the model reads.
    var maximumLength: Int?
    var paddingToken: String?
    var unknownToken: String?
    /// BERT's token before a text, `cls_token`.
    var classToken: String?
    /// BERT's token after a text, `sep_token`.
    var separatorToken: String?
    /// CLIP's token before a text, `bos_token`.
    var beginningToken: String?
    /// CLIP's token after a text, `eos_token`.
    var endToken: String?
    var maskToken: String?
    var lowercases = true
    var stripsAccents: Bool?
    var separatesChinese = true

    /// Whether the tokenizer is CLIP's, which can do without `tokenizer.json`.
    var isOfCLIP: Bool {
        tokenizerClass?.hasPrefix("CLIPTokenizer") ?? false
    }

    init() {}

    init(_ configuration: Configuration?) throws {
        guard let configuration else { return }
        tokenizerClass = try configuration.optional("tokenizer_class")?.string()
        maximumLength = try configuration.optional("model_max_length")?.maximumLength()
        paddingToken = try configuration.optional("pad_token")?.tokenContent()
        unknownToken = try configuration.optional("unk_token")?.tokenContent()
        classToken = try configuration.optional("cls_token")?.tokenContent()
        separatorToken = try configuration.optional("sep_token")?.tokenContent()
        beginningToken = try configuration.optional("bos_token")?.tokenContent()
        endToken = try configuration.optional("eos_token")?.tokenContent()
        maskToken = try configuration.optional("mask_token")?.tokenContent()
        lowercases = try configuration.optional("do_lower_case")?.boolean() ?? true
        stripsAccents = try configuration.optional("strip_accents")?.boolean()
        separatesChinese = try configuration.optional("tokenize_chinese_chars")?.boolean() ?? true
    }
}

extension Configuration {
    /// A token that is a string or, in newer files, an object with its content.
    fileprivate func tokenContent() throws -> String {
        if case .object = value { return try string("content") }
        return try string()
    }

    /// A number of tokens, or `nil` for the 10³⁰ that stands for "no limit".
    fileprivate func maximumLength() throws -> Int? {
        switch value {
        case .integer(let length) where length > 0:
            return length <= Int(Int32.max) ? length : nil
        case .number(let length) where length > Double(Int32.max):
            return nil
        default:
            throw unexpected(expected: "a positive integer")
        }
    }
}
