public import Autograd
public import Tensors

/// The tokens of each sequence that a model's answer is read off.
struct ReadTokens: Sendable {
    /// The tokens among those of all sequences, and how many each sequence has.
    let rows: [Int32], sequences: Sequences
}

extension Variable {
    /// The rows of tokens that are read; all of them where nothing is said.
    func rows(of tokens: ReadTokens?) -> Variable { tokens.map { rows($0.rows) } ?? self }
}

/// A block of a stack: attention, and what follows it token by token.
protocol TransformerBlock: Sendable {
    var attention: SelfAttention { get }
}

/// A stack of blocks on the rows of some sequences, and what comes out of it.
///
/// Blocks run when their rows are asked for, and the last one for the tokens that are read alone: of
/// the others it needs keys and values, but neither queries nor what follows attention. Where one
/// token is read of a sequence that saves 5/6 of the last block's operations. Who watches the
/// weights is shown all rows all the same.
public struct Trunk: Sendable {
    /// The sequences that the rows belong to.
    public let sequences: Sequences
    /// The number of blocks.
    public let count: Int
    private let run: @Sendable (Int, Variable, ReadTokens?) -> Variable
    private let first, last: Deferred<Variable>
    private let isWatched: Bool

    /// A stack on `rows`, which are not computed before somebody asks for them.
    init<Block: TransformerBlock>(
        _ blocks: [Block],
        on rows: @autoclosure @escaping @Sendable () -> Variable,
        _ sequences: Sequences,
        run: @escaping @Sendable (Block, Variable, ReadTokens?) -> Variable
    ) {
        let first = Deferred(rows)
        (self.sequences, count, self.first) = (sequences, blocks.count, first)
        self.run = { run(blocks[$0], $1, $2) }
        last = Deferred { blocks.dropLast().reduce(first.value) { run($1, $0, nil) } }
        isWatched = blocks.last?.attention.query.weight.isWatched ?? false
    }

    /// What enters the first block: `[tokens, hidden]`.
    public var start: Variable { first.value }

    /// What one of the blocks makes of rows that need not be the model's own.
    ///
    /// # Shapes
    /// `[tokens, hidden] → [tokens, hidden]`.
    public func block(_ index: Int, on rows: Variable) -> Variable { run(index, rows, nil) }

    /// The rows of all tokens: `[tokens, hidden]`.
    func rows() -> Variable { rows(of: nil) }

    /// The rows of the tokens at some positions of each sequence: `[sequences · positions, hidden]`.
    func rows(at positions: Int...) -> Variable {
        rows(
            of: ReadTokens(
                rows: sequences.offsets.dropLast().flatMap { first in
                    positions.map { Int32(first + $0) }
                },
                sequences: Sequences(count: sequences.count, length: positions.count)
            )
        )
    }

    private func rows(of tokens: ReadTokens?) -> Variable {
        guard count > 0 else { return last.value.rows(of: tokens) }
        guard isWatched else { return run(count - 1, last.value, tokens) }
        return run(count - 1, last.value, nil).rows(of: tokens)
    }
}
