internal import Autograd
internal import Tensors

/// Attention of the tokens of each sequence to one another, between linear maps.
struct SelfAttention: Sendable {
    let query, key, value, output: Linear
    let heads: Int

    func callAsFunction(
        _ x: Variable,
        _ sequences: Sequences,
        causal: Bool = false,
        keyBias: Tensor? = nil,
        reading tokens: ReadTokens? = nil,
        adding residual: Variable? = nil
    ) -> Variable {
        let queries = query(x.rows(of: tokens))
        let context = Variable.attention(
            query: queries,
            key: key(x),
            value: value(x),
            AttentionShape(
                sequences: sequences,
                queries: tokens?.sequences,
                heads: heads,
                headSize: queries.value.rowWidth / heads,
                causal: causal,
                keyBias: keyBias
            )
        )  // [read, heads · headSize]
        return output(context, adding: residual?.rows(of: tokens))  // [read, width]
    }
}

/// Two linear maps with an activation between them, token by token.
struct FeedForward: Sendable {
    let up, down: Linear
    let activation: Activation

    func callAsFunction(_ x: Variable, adding residual: Variable? = nil) -> Variable {
        down(up(x).activated(by: activation), adding: residual)
    }
}

/// A transformer block that normalizes what enters its two halves (arXiv:2002.04745).
struct PreNormBlock: TransformerBlock {
    let attentionNorm, outputNorm: LayerNorm
    let attention: SelfAttention
    let feedForward: FeedForward

    func callAsFunction(
        _ x: Variable,
        _ sequences: Sequences,
        causal: Bool = false,
        keyBias: Tensor? = nil,
        reading tokens: ReadTokens? = nil
    ) -> Variable {
        let attended = attention(
            attentionNorm(x),
            sequences,
            causal: causal,
            keyBias: keyBias,
            reading: tokens,
            adding: x
        )
        return feedForward(outputNorm(attended), adding: attended)  // [read, width]
    }
}
