internal import Autograd
internal import Tensors

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

/// What comes out of a stack of blocks.
///
/// The last block runs when its rows are asked for, and for the tokens that are read alone: of the
/// others it needs keys and values, but neither queries nor what follows attention. Where one
/// token is read of a sequence that saves 5/6 of the last block's operations. Who watches the
/// weights is shown all rows all the same.
struct Trunk: Sendable {
    let sequences: Sequences
    private let last: @Sendable (ReadTokens?) -> Variable

    /// Runs all blocks but the last on the rows of some sequences.
    init<Block: TransformerBlock>(
        _ blocks: [Block],
        on rows: Variable,
        _ sequences: Sequences,
        run: @escaping @Sendable (Block, Variable, ReadTokens?) -> Variable
    ) {
        let before = blocks.dropLast().reduce(rows) { run($1, $0, nil) }
        self.sequences = sequences
        last = { tokens in
            guard let block = blocks.last else { return before.rows(of: tokens) }
            guard block.attention.query.weight.isWatched else { return run(block, before, tokens) }
            return run(block, before, nil).rows(of: tokens)
        }
    }

    /// The rows of all tokens: `[tokens, hidden]`.
    func rows() -> Variable { last(nil) }

    /// The rows of the tokens at some positions of each sequence: `[sequences · positions, hidden]`.
    func rows(at positions: Int...) -> Variable {
        last(
            ReadTokens(
                rows: sequences.offsets.dropLast().flatMap { first in
                    positions.map { Int32(first + $0) }
                },
                sequences: Sequences(count: sequences.count, length: positions.count)
            )
        )
    }
}
