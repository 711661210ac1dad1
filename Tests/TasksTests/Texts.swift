import Tasks
import Transformers

extension EncodedExamples {
    /// The tokens of examples that are texts.
    var tokens: TokenBatch {
        guard case .texts(let tokens) = content else { return TokenBatch([]) }
        return tokens
    }
}

extension MicroBatch {
    /// The tokens of examples that are texts.
    var tokens: TokenBatch {
        guard case .tokens(let tokens)? = try? input() else { return TokenBatch([]) }
        return tokens
    }
}
