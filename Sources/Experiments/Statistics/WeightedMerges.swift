internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors

/// Finds the weights of models whose merge answers most of the tasks' labeled `select` splits.
struct WeightedMerges: Sendable {
    private struct Task: Sendable {
        let task: OpenTask
        let examples: EncodedExamples
        let labels: [Int32]
    }

    private let pool: ModelPool
    private let candidates: [[Double]]
    private let tasks: [Task]
    private let search: WeightSearch
    private let workers: Workers
    private let observer: Observer

    /// Opens the tasks' data; `nil` where the recipe asks for no search.
    init?(_ sources: StatisticsSources, _ models: SourceModels, _ card: MethodCard) throws {
        let recipe = sources.recipe
        search = recipe.text("search").flatMap(WeightSearch.init) ?? .none
        guard search != .none else { return nil }
        (pool, workers, observer) = (models.pool, sources.workers, sources.observer)
        var count = 1
        if case .number(let number)? = recipe.option("search_steps", of: card) {
            count = Int(number)
        }
        candidates = try search.candidates(
            models: models.experts.count,
            count: count,
            seed: recipe.seed,
            method: card.name
        )
        let setup = try MergeSetup(recipe)
        tasks = try recipe.tasks.map { task in
            let open = try OpenTask(task, in: setup, sources.workers)
            let split = try open.read(
                open.select,
                labels: .required,
                workers: sources.workers,
                observer: sources.observer
            )
            return Task(task: open, examples: split.encoded, labels: split.labels ?? [])
        }
    }

    /// The first of those weights with the highest mean accuracy, which `report` is told.
    func best(
        _ report: SolveReport,
        plan: ([Double]) throws -> MergeMethod.Plan
    ) throws -> [Double] {
        observer.begin("searching weights", candidates.count)
        var best: (weights: [Double], accuracy: Double)?
        for weights in candidates {
            if observer.isCancelled() { throw CancellationError() }
            let accuracy = try accuracy(of: plan(weights))
            if accuracy > best?.accuracy ?? -1 { best = (weights, accuracy) }
            observer.advance(1)
        }
        guard let best else { return [] }
        let words = best.weights.map { $0.formatted(.number.precision(.fractionLength(3))) }
        let share = (100 * best.accuracy).formatted(.number.precision(.fractionLength(1)))
        report.add(
            "The weights \(words.joined(separator: ", ")) are the best of \(candidates.count) "
                + "(\(search.rawValue)), with \(share) % right on the select splits."
        )
        return best.weights
    }

    private func accuracy(of plan: MergeMethod.Plan) throws -> Double {
        let tensors = try withoutActuallyEscaping(plan) { plan in
            try workers.map(pool.parameters.count) { try pool.parameters[$0].merged(by: plan) }
        }
        let names = pool.parameters.map(\.name)
        let merged = PartlyMerged(pool, Dictionary(uniqueKeysWithValues: zip(names, tensors)))
        let shares = try tasks.map { task in
            let logits = try Predictions.logits(
                of: task.task.expert.model(on: merged),
                on: task.examples,
                workers: workers
            )
            let right = zip(logits.argmax(), task.labels).count { $0 == Int($1) }
            return Double(right) / Double(max(task.labels.count, 1))
        }
        return shares.reduce(0, +) / Double(max(shares.count, 1))
    }
}

/// A recipe's options with other weights of its models.
struct ReplacedWeights: OptionSource {
    let options: any OptionSource
    let weights: [Double]

    func value(of option: String, parameter: String, model: Int?) throws -> OptionValue? {
        if option == "weight", let model { return .number(weights[model]) }
        return try options.value(of: option, parameter: parameter, model: model)
    }
}
