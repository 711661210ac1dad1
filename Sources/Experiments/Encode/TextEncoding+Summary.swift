internal import Presentation
public import Tokenizers

extension TextEncoding.Summary {
    /// The summary in one line.
    public var text: String {
        let lengths = shortest == longest ? "\(longest)" : "\(shortest) to \(longest)"
        let from = rows == texts ? "" : " from \(NumberText.grouped(texts)) texts"
        return "\(NumberText.grouped(rows)) rows of \(lengths) tokens\(from)\n"
    }

    /// What to say where the model cannot read all of the rows.
    public func warning(for tokenizer: Tokenizer) -> String? {
        guard let limit = tokenizer.maximumLength, longest > limit else { return nil }
        return "the longest row has \(longest) tokens, of which the model reads \(limit); "
            + "--truncation longest_first cuts such texts."
    }
}
