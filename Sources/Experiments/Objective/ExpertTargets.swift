internal import Tensors

/// What an expert answers on the examples that learning will visit.
struct ExpertTargets: Sendable {
    struct Features: Sendable {
        let table: Tensor
        let places: [Int: Int32]
        /// The mean over examples of the squared length of their rows.
        let meanSquare: Float

        func rows(of examples: [Int]) -> Tensor {
            table.rows(examples.compactMap { places[$0] })
        }
    }

    private var places: [Int: Int32] = [:]
    private var predictions: Tensor?
    private(set) var features: Features?

    init() {}

    init(examples: [Int], answers: [Predictions.Reading: Tensor]) {
        places = Dictionary(
            uniqueKeysWithValues: examples.enumerated().map { ($1, Int32($0)) }
        )
        predictions = answers[.logits]?.logSoftmax()
        features = answers[.features].map { table in
            Features(
                table: table,
                places: places,
                meanSquare: Float(max(table.dot(table), 1e-30)) / Float(max(examples.count, 1))
            )
        }
    }

    /// Logarithms of the expert's predictions, `[examples, classes]`.
    func logProbabilities(of examples: [Int]) -> Tensor {
        predictions?.rows(examples.compactMap { places[$0] }) ?? .zeros([0, 0])
    }
}
