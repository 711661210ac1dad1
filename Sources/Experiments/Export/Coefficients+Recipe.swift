public import Merging

extension Coefficients {
    /// Task arithmetic with these coefficients, as a recipe that says them in mergekit's schema:
    /// a weight for each model, where they differ by part a list of filters.
    ///
    /// The experts are in the order of the columns; what is unmerged are the numbers of the base that
    /// stay as they are.
    public func mergekitRecipe(
        base: ModelReference,
        experts: [ModelReference],
        unmerged: [String]
    ) -> Recipe {
        let filters = WeightFilters(groups, unmerged: unmerged)
        let models = experts.enumerated().map { column, expert in
            RecipeModel(
                expert,
                parameters: ["weight": filters.setting(lambda.map { $0[column] })]
            )
        }
        return Recipe(mergeMethod: "task_arithmetic", baseModel: base, models: models)
    }
}

/// Filters that tell groups of parameters apart.
///
/// A filter is part of a name, and the first one that fits decides. The beginning that the names of
/// a group share is its filter where no other group's names contain it, else the names themselves.
/// Longer filters come first, so that a name that contains another one finds its own.
private struct WeightFilters {
    /// Filters with the group that they stand for; the group of what is not merged is `nil`.
    private let filters: [(filter: String, group: Int?)]
    private let isOne: Bool

    init(_ groups: [ParameterGroup], unmerged: [String]) {
        isOne = groups.count == 1 && unmerged.isEmpty
        let all =
            groups.enumerated().map { (names: $1.parameters, group: Int?.some($0)) }
            + [(names: unmerged, group: nil)]
        var filters: [(filter: String, group: Int?)] = []
        for (names, group) in all where !names.isEmpty {
            let others = all.filter { $0.group != group }.flatMap(\.names)
            let part = Self.sharedBeginning(of: names)
            let isOwn = !part.isEmpty && !others.contains { $0.contains(part) }
            filters += (isOwn ? [part] : names).map { ($0, group) }
        }
        self.filters = filters.sorted {
            ($1.filter.utf8.count, $0.filter) < ($0.filter.utf8.count, $1.filter)
        }
    }

    /// The weight of one model, from its coefficient of each group.
    func setting(_ coefficients: [Float]) -> Setting {
        if isOne { return .scalar(.number(coefficients[0].shortest)) }
        return .filtered(
            filters.map { filter, group in
                .init(filter, .scalar(.number(group.map { coefficients[$0].shortest } ?? 0)))
            }
        )
    }

    /// The whole components that all names begin with.
    private static func sharedBeginning(of names: [String]) -> String {
        guard names.count > 1, let first = names.first else { return names.first ?? "" }
        let shared = names.dropFirst().reduce(first[...]) { $0.commonPrefix(with: $1) }
        return shared.lastIndex(of: ".").map { String(shared[...$0]) } ?? ""
    }
}

extension Substring {
    fileprivate func commonPrefix(with other: String) -> Substring {
        prefix(zip(self, other).prefix { $0 == $1 }.count)
    }
}

extension Float {
    /// The number of fewest digits that is this one when it is rounded to single precision.
    fileprivate var shortest: Double { Double(description) ?? Double(self) }
}
