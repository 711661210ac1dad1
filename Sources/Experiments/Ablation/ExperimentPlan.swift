internal import Foundation
internal import Merging
internal import Tasks

/// A run of a study: one combination of points, under one seed, with one set of experts.
struct PlannedRun: Sendable {
    /// The name of the study.
    let study: String
    /// Where it stands on every axis.
    let settings: [Setting]
    /// The experts that are merged, by their positions among all.
    let experts: [Int]
    /// Which of the sets of experts of its point this is, from 0.
    let set: Int
    /// What is merged, or learned.
    let recipe: Recipe
    /// The same with all experts and tasks: what is scored.
    let full: Recipe

    /// A point on an axis.
    struct Setting: Sendable, Hashable, Codable {
        var axis: String
        var value: String
    }

    /// What it is called: `granularity layer, seed 1`.
    func title(withSeed: Bool) -> String {
        let parts =
            settings.map { "\($0.axis) \($0.value)" } + (withSeed ? ["seed \(recipe.seed)"] : [])
        let set = set > 0 ? ["set \(set + 1)"] : []
        return (parts + set).isEmpty ? study : "\(study): " + (parts + set).joined(separator: ", ")
    }
}

extension Experiment {
    /// Every run of every study, in the order of the file.
    ///
    /// - Throws: ``RecipeError`` where a point makes a recipe of its own that is none.
    func runs() throws -> [PlannedRun] {
        try studies.flatMap { study -> [PlannedRun] in
            guard case .runs(let axes) = study.content else { return [] }
            let base = try recipe(of: study)
            let names = base.expertNames
            return try Self.combinations(of: axes.map { $0.completed(for: names) })
                .flatMap { try runs(of: study, at: $0) }
        }
    }

    /// The recipe of a study before anything is varied.
    func recipe(of study: Study) throws -> Recipe {
        var document = recipe
        try document.set(study.changes, in: source)
        return try Recipe(document, methods: MethodSignature.all)
    }

    private func runs(
        of study: Study,
        at points: [(axis: String, point: Axis.Point)]
    ) throws -> [PlannedRun] {
        var document = recipe
        try document.set(study.changes + points.flatMap(\.point.changes), in: source)
        let full = try Recipe(document, methods: MethodSignature.all)
        guard !full.tasks.isEmpty else {
            throw ExperimentFileError.noTasks(recipe: document.label)
        }
        let settings = points.map { PlannedRun.Setting(axis: $0.axis, value: $0.point.label) }
        let seeds = study.seeds.isEmpty ? [full.seed] : study.seeds
        return try Self.sets(of: points.compactMap(\.point.experts), in: full).enumerated()
            .flatMap { index, experts in
                seeds.map { seed in
                    var all = full
                    all.seed = seed
                    return PlannedRun(
                        study: study.name,
                        settings: settings,
                        experts: experts,
                        set: index,
                        recipe: all.merging(experts),
                        full: all
                    )
                }
            }
    }

    /// The sets of experts that all of some selections leave.
    private static func sets(
        of selections: [ExpertSelection],
        in recipe: Recipe
    ) throws -> [[Int]] {
        let names = recipe.expertNames
        let all = Array(names.indices)
        let models = Dictionary(zip(recipe.experts, names)) { first, _ in first }
        let tasks = Dictionary(recipe.tasks.map { ($0.name, models[$0.model] ?? "") }) { first, _ in
            first
        }
        return try selections.reduce([all]) { sets, selection in
            let chosen = try selection.sets(of: names, tasks: tasks)
            let both = sets.flatMap { set in chosen.map { $0.filter(set.contains) } }
            guard both.allSatisfy({ !$0.isEmpty }) else { throw ExperimentFileError.noExperts }
            return both
        }
    }

    /// All combinations of one point of every axis; the last axis changes fastest.
    private static func combinations(
        of axes: [Axis]
    ) -> [[(axis: String, point: Axis.Point)]] {
        axes.reduce([[]]) { combinations, axis in
            combinations.flatMap { combination in
                axis.points.map { combination + [(axis.name, $0)] }
            }
        }
    }
}
