/// What can be wrong with a tokenizer's files or with what is asked of it.
public enum TokenizerError: Error, Hashable, Sendable {
    /// A directory holds neither `tokenizer.json` nor a vocabulary.
    case noTokenizer(directory: String)
    /// A directory holds a vocabulary in a format that is not read, and no other.
    case sentencePieceAlone(file: String)
    /// A `vocab.json` of a model whose other settings are not known.
    case unknownVocabulary(file: String, tokenizerClass: String?)
    /// A file could not be read.
    case unreadable(file: String, reason: String)
    /// A file is not JSON; `byte` counts from 0.
    case malformed(file: String, byte: Int, expected: String, found: String)
    /// A text file is not UTF-8.
    case notUTF8(file: String)
    /// A key is absent or null.
    case missing(file: String, key: String, expected: String)
    /// An object has a key twice.
    case repeatedKey(file: String, key: String)
    /// A key holds something else.
    case unexpected(file: String, key: String, expected: String, found: String)
    /// A component's `type` has no implementation.
    case unknownType(file: String, key: String, type: String, known: [String])
    /// Tokens whose ids are no integers from 0 to 2³¹ - 1, each with what the file says.
    case invalidIDs(file: String, key: String, tokens: [String])
    /// Tokens that a vocabulary lists more than once.
    case repeatedTokens(file: String, key: String, tokens: [String])
    /// Tokens that share an id with another.
    case sharedIDs(file: String, key: String, tokens: [String])
    /// Tokens that must have an id and have none.
    case unknownTokens(file: String, key: String, tokens: [String])
    /// A regular expression that cannot be read as the reference reads it; `character` counts from 0.
    case unsupportedPattern(file: String, key: String, character: Int, reason: String)
    /// A search for a pattern that was given up.
    case failedPattern(file: String, key: String, bytes: Int, reason: String)
    /// A part of a text that has no token, in a vocabulary without an unknown token.
    case noToken(text: String)
    /// The special tokens alone are longer than the maximum length.
    case noRoom(maximumLength: Int, specialTokens: Int)
    /// The second text is to be truncated and there is none.
    case noSecondText
    /// The one text that may be truncated is too short to make up the difference.
    case tooShort(length: Int, excess: Int)
    /// Windows of a length would overlap by that length or more.
    case strideTooLong(stride: Int, length: Int)
}

extension TokenizerError: CustomStringConvertible {
    /// One sentence with the file, the key, what was expected, what was found and what to do.
    public var description: String {
        switch self {
        case .noTokenizer(let directory):
            """
            \(directory) holds neither tokenizer.json nor vocab.txt nor vocab.json; save the \
            tokenizer there.
            """
        case .sentencePieceAlone(let file):
            """
            \(file) is a SentencePiece model, which is not read, and has no tokenizer.json beside it; \
            load the tokenizer with transformers and save it again.
            """
        case .unknownVocabulary(let file, let tokenizerClass):
            """
            \(file) has no tokenizer.json beside it, and tokenizer_config.json names \
            \(tokenizerClass?.quoted ?? "no class") where only a CLIPTokenizer can do without; \
            save the tokenizer as tokenizer.json.
            """
        case .unreadable(let file, let reason):
            "\(file) cannot be read: \(reason)."
        case .malformed(let file, let byte, let expected, let found):
            """
            \(file) is not valid JSON: expected \(expected) at byte \(byte), found \(found); \
            fetch the file again.
            """
        case .notUTF8(let file):
            "\(file) is not UTF-8 text; fetch the file again or convert it."
        case .missing(let file, let key, let expected):
            "\(file) has no \(key): expected \(expected)."
        case .repeatedKey(let file, let key):
            "\(file) has \(key) twice; remove one of them."
        case .unexpected(let file, let key, let expected, let found):
            "\(file): \(key.isEmpty ? "the whole" : key) should be \(expected), found \(found)."
        case .unknownType(let file, let key, let type, let known):
            """
            \(file): \(key) has the type \(type.quoted), which is not supported; known are \
            \(known.joined(separator: ", ")).
            """
        case .invalidIDs(let file, let key, let tokens):
            """
            \(file): every id in \(key) should be an integer from 0 to \(Int32.max), found \
            \(Self.list(tokens)).
            """
        case .repeatedTokens(let file, let key, let tokens):
            "\(file): \(key) lists a token more than once: \(Self.list(tokens))."
        case .sharedIDs(let file, let key, let tokens):
            "\(file): \(key) gives one id to more than one token: \(Self.list(tokens))."
        case .unknownTokens(let file, let key, let tokens):
            "\(file): \(key) names tokens that have no id: \(Self.list(tokens))."
        case .unsupportedPattern(let file, let key, let character, let reason):
            """
            \(file): \(key) cannot be searched for because of \(reason), at character \
            \(character); write the pattern without it.
            """
        case .failedPattern(let file, let key, let bytes, let reason):
            """
            \(file): \(key) cannot be searched for in a text of \(bytes) bytes (\(reason)); \
            shorten the text or write a simpler pattern.
            """
        case .noToken(let text):
            """
            The vocabulary has no token for \(text.quoted) and names no unknown token; use the \
            vocabulary that the model was trained with.
            """
        case .noRoom(let maximumLength, let specialTokens):
            """
            A maximum length of \(maximumLength) has no room for the \(specialTokens) special \
            tokens; raise it or leave the special tokens out.
            """
        case .noSecondText:
            "Only the second text may be truncated and there is none; give one or truncate the first."
        case .tooShort(let length, let excess):
            """
            The text to truncate has \(length) tokens, not more than the \(excess) to remove; \
            truncate the longest first or raise the maximum length.
            """
        case .strideTooLong(let stride, let length):
            """
            A stride of \(stride) needs windows of more than \(stride) tokens, found \(length); \
            lower the stride or raise the maximum length.
            """
        }
    }

    /// The first five of a list that can be as long as a vocabulary.
    private static func list(_ tokens: [String]) -> String {
        let shown = tokens.prefix(5).joined(separator: ", ")
        return tokens.count > 5 ? "\(shown) and \(tokens.count - 5) more" : shown
    }
}
