internal import Tensors

extension ExpertSelection {
    /// The sets of experts that are merged, by their positions among all.
    ///
    /// Sets of some are drawn at random, all different, the first of them the first experts; so many as
    /// there are where fewer exist.
    ///
    /// - Throws: ``ExperimentFileError`` where an expert is not there.
    func sets(of experts: [String], tasks: [String: String]) throws -> [[Int]] {
        switch self {
        case .without(let names):
            let left = try names.map { name in
                guard
                    let index = experts.firstIndex(of: name)
                        ?? tasks[name].flatMap(experts.firstIndex)
                else { throw ExperimentFileError.unknownExpert(name, known: experts) }
                return index
            }
            let kept = experts.indices.filter { !left.contains($0) }
            guard !kept.isEmpty else { throw ExperimentFileError.noExperts }
            return [kept]
        case .some(let count, let sets):
            guard count <= experts.count else {
                throw ExperimentFileError.tooManyExperts(count, of: experts.count)
            }
            let all = Self.combinations(of: count, from: experts.count)
            guard all.count > sets else { return all }
            var generator = SeededGenerator(seed: 0, "sets of experts", count)
            let others = generator.permutation(of: all.count - 1).prefix(sets - 1)
            return [all[0]] + others.sorted().map { all[$0 + 1] }
        }
    }

    /// All sets of so many of the numbers from 0, in lexical order.
    private static func combinations(of count: Int, from total: Int) -> [[Int]] {
        guard count > 0 else { return [[]] }
        guard count <= total else { return [] }
        return (0...(total - count)).flatMap { first in
            combinations(of: count - 1, from: total - first - 1).map { rest in
                [first] + rest.map { $0 + first + 1 }
            }
        }
    }
}

extension Recipe {
    /// The names that tell the experts apart.
    var expertNames: [String] { ShortNames.of(experts.map(\.name)) }

    /// The recipe with some of its experts alone, and their tasks.
    func merging(_ positions: [Int]) -> Recipe {
        let kept = Set(positions.map { experts[$0] })
        var copy = self
        copy.models.removeAll { $0.reference != baseModel && !kept.contains($0.reference) }
        copy.tasks.removeAll { !kept.contains($0.model) }
        return copy
    }
}
