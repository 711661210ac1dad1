/// Why an experiment cannot be run.
public enum ExperimentError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A model directory has no `config.json`.
    case noConfiguration(String)
    /// An adapter has no classifier.
    case noHead(String)
    /// The base lacks parameters that the experts' encoder has.
    case baseLacks([String], base: String)
    /// The recipe names no base model.
    case noBase(method: String)
    /// The recipe names no tasks, or a task no data.
    case noData(task: String?)
    /// A task names a model that is not among the models of the recipe.
    case unknownExpert(task: String, model: String)
    /// The run directory belongs to another recipe.
    case otherRecipe(directory: String, differences: [String])
    /// An input file changed since the run began.
    case changedInput(file: String, directory: String)
    /// A directory is not a run, or its run has not ended.
    case notARun(String, reason: String)
    /// A saved state does not fit the recipe.
    case brokenState(String, reason: String)
    /// An earlier run's coefficients cannot be the start of this one.
    case unfitInitial(String, reason: String)
    /// Somebody asked the program to stop; the state is saved.
    case interrupted(step: Int, directory: String)
    /// Somebody asked the program to stop; what is done is kept.
    case stopped(directory: String)
    /// The method does not learn.
    case notLearned(method: String)
    /// Something this version cannot do.
    case unsupported(String)

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .noConfiguration(let path):
            "\(path) has no config.json; a model that is run needs its configuration beside it."
        case .noHead(let path):
            "The adapter \(path) has no classifier; save it with modules_to_save: [classifier]."
        case .baseLacks(let names, let base):
            "The base \(base) lacks \(names.count) parameters of the experts' encoder: "
                + names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
                + "; check that base_model is the model they were fine-tuned from."
        case .noBase(let method):
            "\(method) needs base_model: the model that the experts were fine-tuned from."
        case .noData(let task):
            task.map { "Task \($0) has no data; give it a data path." }
                ?? "The recipe has no tasks with data; list them under tasks."
        case .unknownExpert(let task, let model):
            "Task \(task) is answered by \(model), which is not among the recipe's models; "
                + "list it under models."
        case .otherRecipe(let directory, let differences):
            "\(directory) holds a run of another recipe: " + differences.joined(separator: "; ")
                + ". Choose another directory, or remove this one to start over."
        case .changedInput(let file, let directory):
            "\(file) has changed since the run in \(directory) began; put the old file back, or "
                + "choose another directory."
        case .notARun(let path, let reason): "\(path) is not a finished run: \(reason)."
        case .brokenState(let path, let reason):
            "\(path) cannot be continued: \(reason); remove the directory to start over."
        case .unfitInitial(let path, let reason):
            "The coefficients of \(path) cannot be the start: \(reason)."
        case .interrupted(let step, let directory):
            "Stopped after step \(step); the state is saved in \(directory), and the same command "
                + "continues."
        case .stopped(let directory):
            "Stopped; what is done is kept in \(directory), and the same command continues."
        case .notLearned(let method):
            "\(method) is a rule and learns nothing: use merge, or a learned method such as "
                + "adamerging."
        case .unsupported(let what): what
        }
    }
}
