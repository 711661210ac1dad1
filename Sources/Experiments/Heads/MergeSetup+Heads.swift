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
        try experts[try expert(of: task.model, task: task.name)].answering(
            task,
            base: base,
            isInTrunk: { pool[$0] != nil },
            classNames: classNames,
            workers: workers,
            cache: cache
        )
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
}
