public import Tensors

extension Variable {
    /// `softmax(Q·Kᵀ · scale + mask)·V`, head by head and sequence by sequence.
    ///
    /// With `P` the probabilities: `dV = Pᵀ·dy`, `dS = P ∘ (dP − Σ dP ∘ P) · scale` for
    /// `dP = dy·Vᵀ`, `dQ = dS·K`, `dK = dSᵀ·Q` (arXiv:1706.03762).
    ///
    /// # Shapes
    /// `[queries, heads · headSize]` of queries and `[tokens, heads · headSize]` (or fewer heads)
    /// of keys and values to `[queries, heads · headSize]`.
    public static func attention(
        query: Variable,
        key: Variable,
        value: Variable,
        _ shape: AttentionShape
    ) -> Variable {
        let (q, k, v) = (query.value, key.value, value.value)
        let (context, probabilities) = Tensor.attention(query: q, key: k, value: v, shape)
        return Variable(context, from: query, key, value) { dy in
            let gradients = Tensor.attentionPullback(
                dy,
                query: q,
                key: k,
                value: v,
                probabilities: probabilities,
                shape
            )
            return [.tensor(gradients.query), .tensor(gradients.key), .tensor(gradients.value)]
        }
    }
}
