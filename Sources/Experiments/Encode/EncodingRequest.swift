public import Tokenizers

/// How texts are to be encoded, as far as somebody asks for it; the rest is the tokenizer's.
public struct EncodingRequest: Sendable {
    /// Whether texts that are too long are cut.
    public enum Truncating: String, CaseIterable, Sendable {
        /// The longer text of a pair loses tokens first.
        case longestFirst = "longest_first"
        /// The first text, or the only one, loses tokens.
        case onlyFirst = "only_first"
        /// The second text loses tokens.
        case onlySecond = "only_second"
        /// Nothing is cut.
        case none
    }

    /// How rows are made equally long.
    public enum Filling: Equatable, Sendable {
        /// They stay as they are.
        case none
        /// Up to the longest of all.
        case longest
        /// Up to the maximum length.
        case maximumLength
        /// Up to a number of tokens.
        case fixed(Int)
    }

    /// Whether the tokens of the post-processor are added.
    public var addsSpecialTokens = true
    /// The most tokens of a row; `nil` is what the model reads.
    public var maximumLength: Int?
    /// Whether texts are cut; `nil` cuts only where a maximum length or a stride is asked for.
    public var truncation: Truncating?
    /// The tokens that a piece shares with the one before; `nil` drops what is cut off.
    public var stride: Int?
    /// The side that loses tokens; `nil` is the tokenizer's.
    public var truncationSide: Side?
    /// How rows are made equally long; `nil` leaves it to where they go.
    public var padding: Filling?
    /// A number of which the length of rows shall be a multiple.
    public var multiple: Int?
    /// The side that is filled; `nil` is the tokenizer's.
    public var paddingSide: Side?
    /// The segment of what is filled in; `nil` is the tokenizer's.
    public var paddingType: Int32?

    /// Whole texts, with special tokens.
    public init() {}
}

extension EncodingRequest {
    /// What is cut off; `nil` for nothing.
    func truncation(for tokenizer: Tokenizer) throws -> Truncation? {
        let isAsked = maximumLength != nil || stride != nil
        let choice = truncation ?? (isAsked ? .longestFirst : .none)
        guard let strategy = Truncation.Strategy(rawValue: choice.rawValue) else { return nil }
        guard let length = maximumLength ?? tokenizer.maximumLength else {
            throw EncodingError.noMaximumLength
        }
        return Truncation(
            maximumLength: length,
            strategy: strategy,
            stride: stride ?? 0,
            side: truncationSide ?? tokenizer.fileTruncation?.side ?? .right
        )
    }

    private var paddingIsAsked: Bool {
        multiple != nil || paddingSide != nil || paddingType != nil
    }

    /// How rows are filled up; `nil` where they stay as they are.
    func padding(for tokenizer: Tokenizer, unlessAsked usual: Filling) throws -> Padding? {
        let choice = padding ?? (paddingIsAsked ? .longest : usual)
        let length: Padding.Length
        switch choice {
        case .none: return nil
        case .longest: length = .longest
        case .fixed(let tokens): length = .fixed(tokens)
        case .maximumLength:
            guard let limit = maximumLength ?? tokenizer.maximumLength else {
                throw EncodingError.noMaximumLength
            }
            length = .fixed(limit)
        }
        // A file's padding says what to fill with; how far is for the batch to say.
        let file = tokenizer.filePadding
        guard let id = file?.id ?? tokenizer.padID else { throw EncodingError.noPaddingToken }
        return Padding(
            length: length,
            multiple: multiple,
            side: paddingSide ?? file?.side ?? .right,
            id: id,
            typeID: paddingType ?? file?.typeID ?? 0,
            token: file?.token ?? tokenizer.token(for: id) ?? ""
        )
    }
}

/// Why texts cannot be encoded as asked.
public enum EncodingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Texts are to be cut or filled to the model's length, which nobody says.
    case noMaximumLength
    /// Rows are to be filled and there is nothing to fill them with.
    case noPaddingToken
    /// Pixel values were to be printed.
    case pixelsAsText
    /// A file of tensors needs rows of one length.
    case ragged(shortest: Int, longest: Int)

    /// One sentence: what is wrong and what to do.
    public var description: String {
        switch self {
        case .noMaximumLength:
            "The tokenizer does not say how many tokens the model reads; give --max-length."
        case .noPaddingToken:
            "The tokenizer has no padding token; give --padding none, and texts of one length."
        case .pixelsAsText:
            "Pixel values are no text; give a .safetensors file as OUTPUT."
        case .ragged(let shortest, let longest):
            "The rows have from \(shortest) to \(longest) tokens, but a tensor needs rows of one "
                + "length; give --padding longest, or cut them with --max-length."
        }
    }
}
