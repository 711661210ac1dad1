internal import Foundation
internal import Merging
internal import Tensors

extension MergePlan {
    /// Adds what collecting statistics costs, for the models that the recipe names no file for.
    mutating func add(
        collecting kind: StatisticsFile.Kind,
        for recipe: Recipe,
        of parameters: [ModelPool.Parameter],
        _ workers: Workers
    ) throws {
        let linear = Self.linearMaps(of: parameters)
        let weights = Double(linear.reduce(0) { $0 + $1.count })
        let known = Set(recipe.models.filter { $0.statistics != nil }.map(\.reference))
        let labels = recipe.fisherLabels
        let method = try MergeMethods.named(recipe.mergeMethod)
        let isBlockwise = if case .blockByBlock = method.kind { true } else { false }
        var epochs = 0
        if case .number(let number)? = recipe.option("epochs", of: method.card) {
            epochs = Int(number)
        }
        var (operations, tokens) = (0.0, 0.0)
        var planned: [Task] = []
        for task in recipe.tasks where task.data != nil && !known.contains(task.model) {
            let source = try StatisticsTask(kind, of: task, in: recipe, workers)
            let found = try Self.task(source.task, workers)
            let pass = 2 * weights * found.tokens * Double(found.adapt)
            let classes = source.task.expert.classNames?.count ?? 2
            // A Gram matrix takes as many operations as the map itself, and those of queries, keys
            // and values are one; a backward pass that squares takes two and a half forward ones.
            let passes =
                switch kind {
                case .gram: isBlockwise ? 2.8 : 1.8
                case .fisher: 1 + 2.5 * Double(labels.walks(classes: classes))
                // A step forwards and backwards over all of the data in every epoch.
                case .mask: 3 * Double(epochs)
                }
            operations += passes * pass
            tokens += found.tokens * Double(found.adapt)
            planned.append(found)
        }
        // Without data there are no masks to learn.
        if kind == .mask, planned.isEmpty { return }
        if tasks.isEmpty { tasks = planned }
        self.operations += operations
        minutes += operations / (0.8 * Self.matrixRate(workers)) / 60
        memory += 4 * parameters.reduce(0) { $0 + $1.count }
        switch kind {
        case .gram:
            let sums = linear.reduce(0) { $0 + 4 * $1.shape[1] * ($1.shape[1] + 1) }
            memory += min(sums, StatisticsCollection.Options().memory)
            // Block by block, what enters one is kept for all tokens, and what leaves it.
            let width = linear.map { $0.shape[1] }.min() ?? 0
            if isBlockwise { memory += 8 * width * Int(tokens) }
        case .fisher: memory += 4 * parameters.reduce(0) { $0 + $1.count }
        case .mask: memory += 8 * parameters.reduce(0) { $0 + $1.count }
        }
    }

    /// The parameters that tokens are multiplied with; tables are looked up.
    static func linearMaps(of parameters: [ModelPool.Parameter]) -> [ModelPool.Parameter] {
        parameters.filter { $0.shape.count == 2 && !$0.name.contains("embeddings") }
    }
}
