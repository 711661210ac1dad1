public import Checkpoints
public import Tensors

/// A merge that is ready to be computed: pieces of work that may run in any order and number.
///
/// A piece is a block of a parameter, or a look at a whole parameter where the rule needs one.
/// Nothing larger than blocks is resident, and what a piece gives depends on nothing but the piece:
/// the merge has the same bits for any number of workers.
public struct MergedBlocks: Sendable {
    /// A block of the merged model.
    public struct Block: Sendable {
        /// The parameter that it belongs to.
        public let parameter: ModelPool.Parameter
        /// Its place among the parameter's elements, in row-major order.
        public let range: Range<Int>
        /// Its elements.
        public let elements: Tensor
    }

    private enum Piece {
        case plan(Int)
        case block(Int, Range<Int>)
    }

    /// The parameters that are merged.
    public let parameters: [ModelPool.Parameter]
    private let dtype: DType?
    private let plans: [LazyRule]
    private let pieces: [Piece]

    /// Cuts a merge into pieces; its result is going to be stored in the given format, or in the
    /// base's own of each parameter.
    public init(of pool: ModelPool, by plan: @escaping MergeMethod.Plan, storedAs dtype: DType?) {
        self.init([(pool, plan)], storedAs: dtype)
    }

    /// Cuts a merge of several parts, each of models of its own, into pieces.
    public init(_ parts: [(pool: ModelPool, plan: MergeMethod.Plan)], storedAs dtype: DType?) {
        parameters = parts.flatMap(\.pool.parameters)
        self.dtype = dtype
        plans = parts.flatMap { part in
            part.pool.parameters.map { parameter in
                LazyRule(uses: Blocks.of(shape: parameter.shape).count) {
                    try part.plan(parameter)
                }
            }
        }
        // A few parameters are planned ahead of the blocks that are being formed, so that workers
        // seldom wait for one another's plans and a file is still read once, from front to back.
        let ahead = 4
        var pieces = parameters.indices.prefix(ahead).map { Piece.plan($0) }
        for (index, parameter) in parameters.enumerated() {
            if index + ahead < parameters.count { pieces.append(.plan(index + ahead)) }
            pieces += Blocks.of(shape: parameter.shape).map { .block(index, $0) }
        }
        // Of a tensor without elements there is nothing to know.
        self.pieces = pieces.filter { [parameters] piece in
            if case .plan(let index) = piece { parameters[index].count > 0 } else { true }
        }
    }

    /// The number of pieces.
    public var count: Int { pieces.count }

    /// The format that a parameter of the result is stored in.
    public func dtype(of parameter: ModelPool.Parameter) -> DType { dtype ?? parameter.dtype }

    /// Does one piece of the work; the block that it forms, if it forms one.
    ///
    /// - Throws: `MergeError.notFinite` if a model holds NaN or infinity there.
    public func form(_ piece: Int) throws -> Block? {
        switch pieces[piece] {
        case .plan(let index):
            _ = try plans[index].value()
            return nil
        case .block(let index, let range):
            let parameter = parameters[index]
            let block = MergeBlock(parameter: parameter, range: range)
            let merged = try plans[index].value()(block)
            plans[index].release()
            try block.check(merged, storedAs: dtype(of: parameter))
            return Block(parameter: parameter, range: range, elements: merged)
        }
    }
}
