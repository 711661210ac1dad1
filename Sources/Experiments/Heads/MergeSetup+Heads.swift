internal import Checkpoints
internal import Merging
public import Tensors
internal import Transformers

extension MergeSetup {
    /// The expert that answers a task, with the head that the recipe gives it: its own, that of a
    /// file, or the one that CLIP's text tower makes of the names of the classes.
    ///
    /// - Parameters:
    ///   - task: a task of the recipe.
    ///   - classNames: the names of the data's classes; asked for where prompts list none.
    ///   - workers: what a text tower is run with.
    ///   - cache: where heads that were made of prompts are kept.
    /// - Returns: the expert, ready to be laid over any encoder.
    /// - Throws: an error that names the task, the file and what to do.
    public func expert(
        answering task: RecipeTask,
        classNames: () throws -> [String]?,
        workers: Workers,
        cache: HeadCache = HeadCache()
    ) throws -> TaskExpert {
        let expert = experts[try expert(of: task.model, task: task.name)]
        let hasFeatures = expert.architecture.features != nil
        if let file = task.head.file {
            let head = try LinearHead(file: file, similarity: task.head.similarity)
            try checkFeatures(of: expert, for: head)
            return try expert.answering(task.name, with: head)
        }
        if let prompts = task.head.prompts {
            // Before a text tower is run for nothing.
            guard hasFeatures || task.head.similarity == .dot else {
                throw HeadError.cosineOfClassifier(
                    task: task.name,
                    expert: expert.name,
                    architecture: expert.architecture.name
                )
            }
            let head = try head(of: prompts, for: task, classNames, workers, cache)
            try checkFeatures(of: expert, for: head)
            return try expert.answering(task.name, with: head)
        }
        guard task.head.similarity == .dot else {
            throw HeadError.cosineWithoutHead(task: task.name)
        }
        guard !hasFeatures else {
            throw HeadError.noClassifier(
                task: task.name,
                expert: expert.name,
                architecture: expert.architecture.name
            )
        }
        return expert
    }

    /// The expert that answers a task as it is saved: with its classifier, or a file's in its place.
    ///
    /// A head behind a model without classifier belongs to no class of transformers: `observer` is
    /// told that it is left out.
    func savedExpert(answering task: RecipeTask, _ observer: Observer) throws -> TaskExpert {
        let expert = experts[try expert(of: task.model, task: task.name)]
        guard expert.architecture.features == nil else {
            let saved = try Architectures.of(configuration: expert.savedConfiguration)
            observer.warn(
                "A \(saved.name) has no place for the head of task \(task.name): the model is "
                    + "written without it."
            )
            return expert
        }
        guard let file = task.head.file else { return expert }
        let head = try LinearHead(file: file, similarity: task.head.similarity)
        return try expert.answering(task.name, with: head)
    }

    /// Throws where neither the expert nor the base has the pooler that gives the features.
    private func checkFeatures(of expert: TaskExpert, for head: LinearHead) throws {
        guard let name = expert.architecture.features, !expert.holds(name) else { return }
        let names = ParameterNames.spellings(of: name, prefix: expert.architecture.prefix)
        guard names.allSatisfy({ pool[$0] == nil }) else { return }
        throw HeadError.noFeatures(head: head.name, outputs: ["last_hidden_state"])
    }

    private func head(
        of prompts: TaskHead.Prompts,
        for task: RecipeTask,
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
