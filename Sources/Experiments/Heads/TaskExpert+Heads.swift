internal import Checkpoints
internal import Tensors
internal import Transformers

extension TaskExpert {
    /// The expert with the head that a recipe gives a task: its own, that of a file, or the one that
    /// CLIP's text tower makes of the names of the classes.
    ///
    /// The `base` has a text tower where the expert has none, and `isInTrunk` tells what parameters
    /// the model has that the expert's head stands on. The names of the data's classes are asked for
    /// where prompts list none.
    func answering(
        _ task: RecipeTask,
        base: ModelDirectory,
        isInTrunk: (String) -> Bool,
        classNames: () throws -> [String]?,
        workers: Workers,
        cache: HeadCache = HeadCache()
    ) throws -> TaskExpert {
        let hasFeatures = architecture.features != nil
        if let file = task.head.file {
            let head = try LinearHead(file: file, similarity: task.head.similarity)
            try checkFeatures(for: head, isInTrunk)
            return try answering(task.name, with: head)
        }
        if let prompts = task.head.prompts {
            // Before a text tower is run for nothing.
            guard hasFeatures || task.head.similarity == .dot else {
                throw HeadError.cosineOfClassifier(
                    task: task.name,
                    expert: name,
                    architecture: architecture.name
                )
            }
            let head = try Self.head(of: prompts, for: task, base, classNames, workers, cache)
            try checkFeatures(for: head, isInTrunk)
            return try answering(task.name, with: head)
        }
        guard task.head.similarity == .dot else {
            throw HeadError.cosineWithoutHead(task: task.name)
        }
        guard !hasFeatures else {
            throw HeadError.noClassifier(
                task: task.name,
                expert: name,
                architecture: architecture.name
            )
        }
        return self
    }

    /// Throws where neither the expert nor the base has the pooler that gives the features.
    private func checkFeatures(
        for head: LinearHead,
        _ isInTrunk: (String) -> Bool
    ) throws {
        guard let name = architecture.features, !holds(name) else { return }
        let names = ParameterNames.spellings(of: name, prefix: architecture.prefix)
        guard !names.contains(where: isInTrunk) else { return }
        throw HeadError.noFeatures(head: head.name, outputs: ["last_hidden_state"])
    }

    private static func head(
        of prompts: TaskHead.Prompts,
        for task: RecipeTask,
        _ base: ModelDirectory,
        _ classNames: () throws -> [String]?,
        _ workers: Workers,
        _ cache: HeadCache
    ) throws -> LinearHead {
        let classes = try prompts.classes.isEmpty ? classNames() ?? [] : prompts.classes
        guard !classes.isEmpty else { throw HeadError.noClassNames(task: task.name) }
        if let template = prompts.templates.first(where: { !$0.contains("{}") }) {
            throw HeadError.noPlaceholder(task: task.name, template: template)
        }
        let own = try ModelDirectory(opening: task.model)
        let tower = try TextTower(of: task.name, in: own.isAdapter ? [base] : [base, own])
        let weight = try tower.head(
            classes: classes,
            templates: prompts.templates,
            workers: workers,
            cache: cache
        )
        return LinearHead(
            weight,
            similarity: task.head.similarity,
            classNames: classes,
            named: "the head of task \(task.name)'s prompts"
        )
    }
}
