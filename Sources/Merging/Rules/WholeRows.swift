internal import Tensors

extension ModelPool.Parameter {
    /// The length of its rows: the last dimension.
    var rowWidth: Int { shape.last ?? 1 }

    /// Blocks of whole rows.
    var rowBlocks: [Range<Int>] { shape.count < 2 ? [0..<count] : Blocks.of(shape: shape) }

    /// The rule that sees whole rows in every block.
    ///
    /// Blocks of matrices hold whole rows as they are. A vector is one row, and small: its result is
    /// formed at once, and handed out in blocks.
    func byRows(_ rule: @escaping MergeMethod.Rule) throws -> MergeMethod.Rule {
        guard shape.count < 2, count > Blocks.size else { return rule }
        let whole = try rule(MergeBlock(parameter: self, range: 0..<count))
        return { whole.elements(in: $0.range) }
    }
}
