internal import Foundation
public import Tensors

/// Which labels diagonal Fisher information takes the gradients of log-likelihoods for.
public enum FisherLabels: Sendable, Equatable {
    /// Every label where there are at most 64, else one that is drawn.
    case automatic
    /// Every label, weighted with the model's own probability of it: the expectation itself.
    case exact
    /// So many labels for each example, drawn from the model's own distribution.
    case sampled(Int)
    /// The label that the data say: the empirical Fisher information.
    case empirical

    /// The labels that a recipe, the command line or a file names: `auto`, `exact`, `sampled`,
    /// `sampled:4` or `empirical`; `nil` for anything else.
    public init?(_ text: String) {
        switch text {
        case "auto": self = .automatic
        case "exact": self = .exact
        case "sampled": self = .sampled(1)
        case "empirical": self = .empirical
        default:
            guard text.hasPrefix("sampled:"), let count = Int(text.dropFirst("sampled:".count)),
                count > 0
            else { return nil }
            self = .sampled(count)
        }
    }

    /// As it is written.
    public var text: String {
        switch self {
        case .automatic: "auto"
        case .exact: "exact"
        case .sampled(let count): "sampled:\(count)"
        case .empirical: "empirical"
        }
    }

    /// The labels for a number of classes, which need not be looked at any more.
    public func resolved(classes: Int) -> FisherLabels {
        guard self == .automatic else { return self }
        return classes <= 64 ? .exact : .sampled(1)
    }

    /// Whether statistics for some labels are what these ask for.
    public func accepts(_ found: FisherLabels?) -> Bool {
        found == self || self == .automatic && (found == .exact || found == .sampled(1))
    }

    /// The number of backward passes over the same examples.
    public func walks(classes: Int) -> Int {
        switch resolved(classes: classes) {
        case .automatic, .exact: classes
        case .sampled(let count): count
        case .empirical: 1
        }
    }

    /// The derivatives by the logits that one of the walks starts from.
    ///
    /// Squared and summed over the walks, what they flow back to is the information of each example.
    /// For the label y of an example it is `e_y − p`, times `√p_y` where all labels are taken, and
    /// divided by `√k` where k are drawn. A label that nobody gave contributes nothing. Draws depend
    /// on the seed, the walk and the positions of the examples in the data alone.
    ///
    /// # Shapes
    /// `[examples, classes]` of the logits and the result.
    public func cotangent(
        ofWalk walk: Int,
        logits: Tensor,
        labels: [Int32]?,
        seed: UInt64,
        positions: [Int]
    ) -> Tensor {
        let (count, classes) = (logits.shape[0], logits.rowWidth)
        let probabilities = logits.softmax().elements
        var rows = [Float](repeating: 0, count: count * classes)
        for example in 0..<count {
            let p = Array(probabilities[example * classes..<(example + 1) * classes])
            let (label, factor): (Int, Float)
            switch resolved(classes: classes) {
            case .automatic, .exact: (label, factor) = (walk, p[walk].squareRoot())
            case .sampled(let draws):
                var generator = SeededGenerator(seed: seed, "fisher \(walk)", positions[example])
                (label, factor) = (Self.draw(p, &generator), 1 / Float(draws).squareRoot())
            case .empirical: (label, factor) = (labels.map { Int($0[example]) } ?? -1, 1)
            }
            guard label >= 0 else { continue }
            for k in 0..<classes {
                rows[example * classes + k] = factor * ((k == label ? 1 : 0) - p[k])
            }
        }
        return Tensor([count, classes], rows)
    }

    private static func draw(_ p: [Float], _ generator: inout SeededGenerator) -> Int {
        var rest = generator.uniform()
        for (label, share) in p.enumerated() {
            rest -= share
            if rest < 0 { return label }
        }
        return p.lastIndex { $0 > 0 } ?? 0
    }
}
