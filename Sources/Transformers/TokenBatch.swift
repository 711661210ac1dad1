public import Tensors

/// Texts as a model reads them: the tokens of all of them, one text behind the other, no padding.
///
/// Leaving padding out costs nothing in exactness: a padded token has no influence on a real one.
public struct TokenBatch: Sendable {
    /// The token ids of all texts.
    public var ids: [Int32]
    /// Which of a pair of texts each token belongs to.
    public var typeIDs: [Int32]
    /// The position of each token in its text.
    public var positions: [Int32]
    /// Where each text begins and ends.
    public var sequences: Sequences
    /// Whether each token may be seen by others; `nil` where all may.
    public var visible: [Bool]?

    /// Texts given by their token ids; types default to 0, positions count from 0.
    public init(_ texts: [[Int32]], typeIDs: [[Int32]]? = nil) {
        ids = texts.flatMap(\.self)
        self.typeIDs = typeIDs?.flatMap(\.self) ?? Array(repeating: 0, count: ids.count)
        positions = texts.flatMap { 0..<Int32($0.count) }
        sequences = Sequences(lengths: texts.map(\.count))
    }

    /// A padded matrix of token ids `[texts, length]`, as Hugging Face models take it.
    ///
    /// Tokens whose mask is 0 are left out, unless the first of their text is masked: a model that
    /// reads its answer off the first token needs that one, so such texts stay whole and their
    /// masked tokens are hidden from the others.
    public init(padded ids: [Int32], length: Int, mask: [Bool]?, typeIDs: [Int32]?) {
        let count = length == 0 ? 0 : ids.count / length
        var kept: [Int] = []
        var lengths: [Int] = []
        for text in 0..<count {
            let row = text * length..<(text + 1) * length
            let whole = mask.map { !$0[row.lowerBound] } ?? true
            let positions = row.filter { whole || mask?[$0] != false }
            kept += positions
            lengths.append(positions.count)
        }
        self.ids = kept.map { ids[$0] }
        self.typeIDs = kept.map { typeIDs?[$0] ?? 0 }
        positions = kept.map { Int32($0 % length) }
        sequences = Sequences(lengths: lengths)
        if let mask, kept.contains(where: { !mask[$0] }) { visible = kept.map { mask[$0] } }
    }

    /// What attention adds to the scores of each token: −∞ where it is hidden.
    public var keyBias: Tensor? {
        visible.map { Tensor([$0.count], $0.map { $0 ? 0 : -.infinity }) }
    }

    /// Rows of real tokens put back to their places in a matrix `[texts · length, width]`; 0 between.
    public func padded(_ rows: Tensor, length: Int) -> Tensor {
        var result = Tensor.zeros([sequences.count * length, rows.rowWidth])
        result.add(rows: rows, at: places(length: length))
        return result
    }

    /// The rows of real tokens out of a matrix `[texts · length, width]`.
    public func gathered(_ rows: Tensor, length: Int) -> Tensor {
        rows.rows(places(length: length))
    }

    /// Where each token stands in a padded matrix.
    private func places(length: Int) -> [Int32] {
        sequences.lengths.indices.flatMap { text in
            (sequences.offsets[text]..<sequences.offsets[text + 1]).map {
                Int32(text * length) + positions[$0]
            }
        }
    }
}
