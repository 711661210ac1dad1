internal import CKernels

/// Scaled dot-product attention (arXiv:1706.03762) over ragged sequences.
///
/// Heads are read where they lie in the token matrices, by stride: nothing is transposed or copied.
extension Tensor {
    /// What every query gathers from the values it attends to, and the probabilities it used.
    ///
    /// # Shapes
    /// `query` `[queries, heads · headSize]`, `key` and `value`
    /// `[tokens, keyValueHeads · headSize]`; the context is shaped like the queries, the
    /// probabilities are `[heads, queries, length]` of each sequence, one behind the other.
    public static func attention(
        query: Tensor,
        key: Tensor,
        value: Tensor,
        _ shape: AttentionShape
    ) -> (context: Tensor, probabilities: Tensor) {
        shape.check(query: query, key: key, value: value)
        let probabilities = Storage(uninitialized: shape.scoreCount)
        // Blocks of heads and sequences tile the matrices, whose counts were checked above.
        let context = unsafe Tensor(filling: query.shape) { out in
            shape.forEachHead { head in
                let scores = unsafe probabilities.buffer.baseAddress.unsafelyUnwrapped + head.scores
                let (asking, length) = (head.asking, head.length)
                unsafe BLAS.multiply(
                    MatrixView(query.pointer + head.query, stride: head.queryStride),
                    MatrixView(key.pointer + head.key, stride: head.keyStride, transposed: true),
                    into: scores,
                    stride: length,
                    m: asking,
                    n: length,
                    k: shape.headSize
                )
                let bias = unsafe shape.keyBias.map { unsafe $0.pointer + head.firstToken }
                for row in 0..<asking {
                    let visible = shape.visible(from: length - asking + row, length: length)
                    unsafe mgk_softmax_row(
                        visible.lowerBound,
                        visible.upperBound,
                        length,
                        shape.scale,
                        bias,
                        scores + row * length
                    )
                }
                unsafe BLAS.multiply(
                    MatrixView(scores, stride: length),
                    MatrixView(value.pointer + head.key, stride: head.keyStride),
                    into: out + head.query,
                    stride: head.queryStride,
                    m: asking,
                    n: shape.headSize,
                    k: length
                )
            }
        }
        return (context, Tensor(shape: [shape.scoreCount], storage: probabilities))
    }

    /// How a cotangent of the context flows back to queries, keys and values.
    public static func attentionPullback(
        _ cotangent: Tensor,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        probabilities: Tensor,
        _ shape: AttentionShape
    ) -> (query: Tensor, key: Tensor, value: Tensor) {
        shape.check(query: query, key: key, value: value)
        let dQuery = Storage(uninitialized: query.count)
        let dKey = Storage(uninitialized: key.count)
        let dValue = Storage(uninitialized: value.count)
        let largest = zip(shape.queries.lengths, shape.sequences.lengths).map { $0 * $1 }.max()
        let scratch = Storage(uninitialized: largest ?? 0)
        let group = shape.heads / shape.keyValueHeads
        shape.forEachHead { head in
            let (asking, length) = (head.asking, head.length)
            let p = unsafe probabilities.pointer + head.scores
            let dScores = unsafe scratch.buffer.baseAddress.unsafelyUnwrapped
            let dy = unsafe MatrixView(cotangent.pointer + head.query, stride: head.queryStride)
            // Queries of one group share their keys: the first of them writes, the others add.
            let beta: Float = head.index % group == 0 ? 0 : 1
            unsafe BLAS.multiply(
                dy,
                MatrixView(value.pointer + head.key, stride: head.keyStride, transposed: true),
                into: dScores,
                stride: length,
                m: asking,
                n: length,
                k: shape.headSize
            )
            unsafe BLAS.multiply(
                MatrixView(p, stride: length, transposed: true),
                dy,
                into: dValue.buffer.baseAddress.unsafelyUnwrapped + head.key,
                stride: head.keyStride,
                m: length,
                n: shape.headSize,
                k: asking,
                beta: beta
            )
            for row in 0..<asking {
                unsafe mgk_softmax_row_pullback(
                    length,
                    shape.scale,
                    p + row * length,
                    dScores + row * length
                )
            }
            unsafe BLAS.multiply(
                MatrixView(dScores, stride: length),
                MatrixView(key.pointer + head.key, stride: head.keyStride),
                into: dQuery.buffer.baseAddress.unsafelyUnwrapped + head.query,
                stride: head.queryStride,
                m: asking,
                n: shape.headSize,
                k: length
            )
            unsafe BLAS.multiply(
                MatrixView(dScores, stride: length, transposed: true),
                MatrixView(query.pointer + head.query, stride: head.queryStride),
                into: dKey.buffer.baseAddress.unsafelyUnwrapped + head.key,
                stride: head.keyStride,
                m: length,
                n: shape.headSize,
                k: asking,
                beta: beta
            )
        }
        return (
            Tensor(shape: query.shape, storage: dQuery), Tensor(shape: key.shape, storage: dKey),
            Tensor(shape: value.shape, storage: dValue)
        )
    }
}

/// Where one head of one sequence lies in the matrices.
private struct HeadBlock {
    let index, asking, length, firstToken: Int
    let query, queryStride, key, keyStride, scores: Int
}

extension AttentionShape {
    fileprivate func forEachHead(_ body: (HeadBlock) -> Void) {
        let (queryStride, keyStride) = (heads * headSize, keyValueHeads * headSize)
        let group = heads / keyValueHeads
        var scores = 0
        for (sequence, length) in sequences.lengths.enumerated() where length > 0 {
            let (first, firstQuery) = (sequences.offsets[sequence], queries.offsets[sequence])
            let asking = queries.lengths[sequence]
            for head in 0..<heads {
                body(
                    HeadBlock(
                        index: head,
                        asking: asking,
                        length: length,
                        firstToken: first,
                        query: firstQuery * queryStride + head * headSize,
                        queryStride: queryStride,
                        key: first * keyStride + head / group * headSize,
                        keyStride: keyStride,
                        scores: scores
                    )
                )
                scores += asking * length
            }
        }
    }

    fileprivate func check(query: Tensor, key: Tensor, value: Tensor) {
        precondition(heads % keyValueHeads == 0, "\(heads) heads over \(keyValueHeads)")
        precondition(query.count == queries.tokens * heads * headSize, "queries \(query.shape)")
        precondition(key.count == sequences.tokens * keyValueHeads * headSize, "keys \(key.shape)")
        precondition(value.count == key.count, "values \(value.shape)")
        precondition(keyBias.map { $0.count == sequences.tokens } ?? true, "key bias")
    }
}
