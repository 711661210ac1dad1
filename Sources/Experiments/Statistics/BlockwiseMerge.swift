internal import Autograd
internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors
internal import Transformers

/// Merges models from their inputs to their outputs: each block by statistics of every expert's own
/// block on what the merged blocks before it give.
///
/// What enters a block is kept for all examples, so every block is run twice for each task: the
/// expert's, which is watched, and the merged one.
struct BlockwiseMerge: Sendable {
    private struct Expert: Sendable {
        let name: String
        let source: StatisticsTask
        let split: OpenSplit
        /// The examples of each micro-batch.
        let pieces: [[Int]]
    }

    private let method: MethodCard
    private let pool: ModelPool
    private let experts: [Expert]
    /// Whether what follows the blocks is merged by statistics, too.
    private let isTailFitted: Bool
    private let workers: Workers
    private let observer: Observer

    /// Opens the data of every expert.
    init(_ sources: StatisticsSources, _ models: SourceModels, _ method: MergeMethod) throws {
        (pool, self.method) = (models.pool, method.card)
        (workers, observer) = (sources.workers, sources.observer)
        let recipe = sources.recipe
        isTailFitted = recipe.text("tail") == "regmean"
        experts = try models.experts.map { expert in
            let name = expert.reference.description
            let isKnown = recipe.models.contains {
                $0.reference == expert.reference && $0.statistics != nil
            }
            guard !isKnown else {
                throw StatisticsError.notBeforehand(model: name, method: method.card.name)
            }
            let task = recipe.tasks.first { $0.model == expert.reference && $0.data != nil }
            guard let task else {
                throw StatisticsError.missing(
                    model: name,
                    method: method.card.name,
                    kind: "data of its task"
                )
            }
            let source = try StatisticsTask(.gram, of: task, in: recipe, sources.workers)
            let split = try source.task.read(
                source.task.adapt,
                labels: .unread,
                workers: sources.workers,
                observer: sources.observer
            )
            return Expert(
                name: name,
                source: source,
                split: split,
                pieces: split.encoded.statisticsPieces
            )
        }
    }

    /// The merged parameters under the names of the pool; `plan` merges by statistics.
    func merged(
        by plan: ([ModelStatistics]) throws -> MergeMethod.Plan
    ) throws -> [String: Tensor] {
        let parts = Dictionary(grouping: pool.parameters) { ModelPart(of: $0.name) }
        var merged = try form(parts[.front] ?? [], plan(statistics(experts.map { _ in nil })))
        let examples = experts.reduce(0) { $0 + $1.split.encoded.count }
        let count = try depth(merged, parts)
        observer.begin("merging \(count) blocks", 2 * count * examples)
        var states = try run(merged) { trunk, _, _ in trunk.start.value }
        for block in 0..<count {
            let found = try experts.indices.map { index in
                try collected(from: experts[index], block, on: states[index])
            }
            let own = parts[.block(block)] ?? []
            merged.merge(try form(own, plan(statistics(found)))) { $1 }
            states = try run(merged) { [states] trunk, expert, piece in
                let rows = Variable(constant: states[expert][piece])
                observer.advance(experts[expert].pieces[piece].count)
                return trunk.block(block, on: rows).value
            }
        }
        let tail = parts[.tail] ?? []
        let found = try experts.map { isTailFitted ? try self.tail(of: $0, behind: merged) : nil }
        merged.merge(try form(tail, plan(statistics(found)))) { $1 }
        return merged
    }

    private func statistics(_ collectors: [GramCollector?]) -> [ModelStatistics] {
        zip(experts, collectors).map { expert, collector in
            let nothing = GramCollector(over: ParameterTable([:]), names: [])
            return ModelStatistics(collector ?? nothing, of: expert.name, for: pool.parameters)
        }
    }

    /// The number of blocks, which model and names agree in.
    private func depth(
        _ merged: [String: Tensor],
        _ parts: [ModelPart: [ModelPool.Parameter]]
    ) throws -> Int {
        let named = parts.keys.filter { if case .block = $0 { true } else { false } }.count
        for expert in experts {
            let trunk = try trunk(of: expert, on: PartlyMerged(pool, merged), expert.pieces[0])
            guard trunk.count == named else {
                throw StatisticsError.severalStacks(model: expert.name, method: method.name)
            }
        }
        return named
    }

    /// Merges some parameters side by side.
    private func form(
        _ parameters: [ModelPool.Parameter],
        _ plan: MergeMethod.Plan
    ) throws -> [String: Tensor] {
        let tensors = try withoutActuallyEscaping(plan) { plan in
            try workers.map(parameters.count) { try parameters[$0].merged(by: plan) }
        }
        return Dictionary(uniqueKeysWithValues: zip(parameters.map(\.name), tensors))
    }

    /// What the merged model gives for every micro-batch of every expert's task.
    private func run(
        _ merged: [String: Tensor],
        _ body: @escaping @Sendable (Trunk, _ expert: Int, _ piece: Int) -> Tensor
    ) throws -> [[Tensor]] {
        let source = PartlyMerged(pool, merged)
        return try experts.enumerated().map { index, expert in
            try workers.map(expert.pieces.count) { piece in
                if observer.isCancelled() { throw CancellationError() }
                return body(try trunk(of: expert, on: source, expert.pieces[piece]), index, piece)
            }
        }
    }

    /// The blocks of an expert's class of model, over parameters of its encoder.
    private func trunk(
        of expert: Expert,
        on source: any ParameterSource,
        _ examples: [Int]
    ) throws -> Trunk {
        let model = expert.source.task.expert
        return try trunk(of: expert, model.model(from: model.parameters(on: source)), examples)
    }

    private func trunk(
        of expert: Expert,
        _ model: any Transformer,
        _ examples: [Int]
    ) throws -> Trunk {
        guard let trunk = try model(expert.split.encoded.input(examples)).trunk else {
            throw StatisticsError.severalStacks(model: expert.name, method: method.name)
        }
        return trunk
    }

    /// The Gram matrices of an expert's own block.
    private func collected(
        from expert: Expert,
        _ block: Int,
        on states: [Tensor]
    ) throws -> GramCollector {
        let model = expert.source.task.expert
        let own = KnownParameters(
            ChosenParameters(model.parameters(on: expert.source.parameters)) {
                ModelPart(of: $0) == .block(block)
            }
        )
        let collector = GramCollector(over: own)
        try workers.forEach(expert.pieces.count) { piece in
            defer { collector.finish(pass: piece) }
            if observer.isCancelled() { throw CancellationError() }
            let watched = try model.model(from: collector.parameters(ofPass: piece))
            let trunk = try trunk(of: expert, watched, expert.pieces[piece])
            _ = trunk.block(block, on: Variable(constant: states[piece])).value
            observer.advance(expert.pieces[piece].count)
        }
        return collector
    }

    /// The Gram matrices of the maps behind the last block, on merged blocks.
    private func tail(
        of expert: Expert,
        behind merged: [String: Tensor]
    ) throws -> GramCollector {
        let source = DividedParameters(
            first: expert.source.parameters,
            second: PartlyMerged(pool, merged)
        ) { ModelPart(of: $0) == .tail }
        let model = expert.source.task.expert
        let parameters = KnownParameters(model.parameters(on: source))
        let survey = GramCollector(over: parameters, counting: false)
        try expert.source.run(expert.split, [expert.pieces[0]], survey, workers, Observer())
        let names = survey.names.filter { ModelPart(of: $0) == .tail }
        let collector = GramCollector(over: parameters, names: Set(names))
        try expert.source.run(expert.split, expert.pieces, collector, workers, Observer())
        return collector
    }
}
