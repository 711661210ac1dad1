internal import Foundation
internal import Tensors

/// How the weights of models are found among candidates (arXiv:2111.09832, section 4).
public enum WeightSearch: String, Sendable, CaseIterable {
    /// They are not: the recipe's hold.
    case none
    /// Evenly from the second of two models to the first, both ends among them.
    case grid
    /// Drawn evenly from all weights that sum to 1.
    case dirichlet

    /// Candidates for a number of models, each of weights that sum to 1.
    ///
    /// - Throws: `MergeError.option` where a grid is asked for more than two models.
    public func candidates(
        models: Int,
        count: Int,
        seed: UInt64,
        method: String
    ) throws -> [[Double]] {
        switch self {
        case .none: return []
        case .grid:
            guard models == 2 else {
                throw MergeError.option(
                    method: method,
                    name: "search",
                    found: "grid for \(models) models",
                    expected: "dirichlet but for two models"
                )
            }
            return (0..<count).map {
                let share = count == 1 ? 0.5 : Double($0) / Double(count - 1)
                return [1 - share, share]
            }
        case .dirichlet:
            var generator = SeededGenerator(seed: seed, "weights of models")
            return (0..<count).map { _ in
                let draws = (0..<models).map { _ in -log(Double(1 - generator.uniform())) }
                let total = max(draws.reduce(0, +), 1e-30)
                return draws.map { $0 / total }
            }
        }
    }
}
