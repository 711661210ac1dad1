internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors
internal import Transformers

extension MergeSetup {
    /// The task vectors that the recipe learns coefficients of.
    func vectors(_ workers: Workers) throws -> any TaskVectors {
        guard let choice = recipe.learning?.taskVectors else { return PlainTaskVectors(pool) }
        let asked = recipe.asking(choice)
        return try MergeMethods.named(choice.method).taskVectors(
            pool,
            options: RecipeOptions(
                asked,
                models: recipe.experts.map { .init(scopes: asked.scopes(of: $0)) },
                layers: pool.parameters.map(\.name).layerCounts.mapValues { 0..<$0 }
            ),
            workers: workers
        )
    }

    /// The own model of a task's expert: the base with all of its change and none of the others'.
    func expertModel(of task: OpenTask, _ workers: Workers) throws -> any Transformer {
        let expert = task.expert
        if expert.member.lowRank == nil { return try expert.model(on: expert.ownTrunk) }
        var row = [Float](repeating: 0, count: experts.count)
        row[task.expertIndex] = 1
        return try model(expert, coefficients: row, workers)
    }

    /// An expert's head on the base.
    func baseModel(of expert: TaskExpert, _ workers: Workers) throws -> any Transformer {
        guard !isAroundBase else {
            let zeros = [Float](repeating: 0, count: experts.count)
            return try model(expert, coefficients: zeros, workers)
        }
        let parameters = CheckpointParameters(try base.checkpoint(), named: base.reference)
        return try expert.model(on: parameters)
    }

    /// An expert's head on the base with the same coefficients for every parameter.
    func model(
        _ expert: TaskExpert,
        coefficients row: [Float],
        _ workers: Workers
    ) throws -> any Transformer {
        let table = pool.parameters.reduce(into: [:]) { $0[$1.name] = row }
        return try expert.model(on: MergedParameters(PlainTaskVectors(pool), coefficients: table))
    }

    /// Every file of the models that is read, and of statistics of them.
    var inputFiles: [URL] {
        recipe.models.compactMap(\.statistics).map { URL(filePath: $0) }
            + ([base.url] + experts.map(\.directory)).flatMap { directory in
                let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
                return (names ?? []).filter {
                    $0.hasSuffix(".safetensors") || $0.hasSuffix(".json")
                        || ["vocab.txt", "merges.txt"].contains($0)
                }.map { directory.appending(path: $0) }
            }
    }
}

extension OpenTask {
    /// The files of the task's splits, and that of its head.
    var inputFiles: [URL] {
        dataset.files + [headFile].compactMap(\.self)
    }
}
