/// The heads of an attention layer, and which positions may see which.
public struct AttentionShape: Sendable {
    /// Which tokens belong together: attention never crosses from one sequence to another.
    public var sequences: Sequences
    /// How many tokens of each sequence ask; under a causal mask they are its last ones.
    public var queries: Sequences
    /// The number of heads of the queries.
    public var heads: Int
    /// The number of heads of the keys and values; `heads` is a multiple of it (arXiv:2305.13245).
    public var keyValueHeads: Int
    /// The width of one head.
    public var headSize: Int
    /// What scores are multiplied by before softmax, usually `1/√headSize`.
    public var scale: Float
    /// Whether a token sees only itself and the tokens before it.
    public var causal: Bool
    /// How many tokens, itself included, a causal token sees; `nil` for all.
    public var window: Int?
    /// Added to the scores of each token as a key: 0, or −∞ for a token that nobody may see.
    public var keyBias: Tensor?

    /// Heads over sequences; by default everything sees everything, at scale `1/√headSize`.
    public init(
        sequences: Sequences,
        queries: Sequences? = nil,
        heads: Int,
        keyValueHeads: Int? = nil,
        headSize: Int,
        scale: Float? = nil,
        causal: Bool = false,
        window: Int? = nil,
        keyBias: Tensor? = nil
    ) {
        self.sequences = sequences
        self.queries = queries ?? sequences
        self.heads = heads
        self.keyValueHeads = keyValueHeads ?? heads
        self.headSize = headSize
        self.scale = scale ?? 1 / Float(headSize).squareRoot()
        self.causal = causal
        self.window = window
        self.keyBias = keyBias
    }

    /// The number of probabilities: one per head and pair of a query and a token of its sequence.
    var scoreCount: Int {
        heads * zip(queries.lengths, sequences.lengths).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// The keys that the token at `position` of a sequence of `length` may see.
    func visible(from position: Int, length: Int) -> Range<Int> {
        guard causal else { return 0..<length }
        return max(0, position + 1 - (window ?? length))..<position + 1
    }
}
