/// What a `tokenizer_config.json` says besides `tokenizer.json`, or before that file existed.
struct DirectorySettings: Sendable {
    /// The most tokens that the model reads.
    var maximumLength: Int?
    var paddingToken: String?
    var unknownToken = "[UNK]"
    var beginningToken = "[CLS]"
    var endToken = "[SEP]"
    var maskToken = "[MASK]"
    var lowercases = true
    var stripsAccents: Bool?
    var separatesChinese = true

    init() {}

    init(_ configuration: Configuration?) throws {
        guard let configuration else { return }
        maximumLength = try configuration.optional("model_max_length")?.maximumLength()
        paddingToken = try configuration.optional("pad_token")?.tokenContent()
        if let token = try configuration.optional("unk_token") {
            unknownToken = try token.tokenContent()
        }
        if let token = try configuration.optional("cls_token") {
            beginningToken = try token.tokenContent()
        }
        if let token = try configuration.optional("sep_token") {
            endToken = try token.tokenContent()
        }
        if let token = try configuration.optional("mask_token") {
            maskToken = try token.tokenContent()
        }
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
