internal import Autograd
internal import Checkpoints
internal import Foundation
internal import Merging
public import Presentation
internal import Tasks
public import Tensors
internal import Transformers

/// `merganser evaluate`: scores models on a recipe's tasks.
public enum Scoreboard {
    /// Scores models on the evaluate split of every task, each task answered with its own head.
    ///
    /// A model is a checkpoint, an adapter, or a run, whose coefficients are then applied without
    /// writing the merge; by its path, or by its id in the local Hugging Face cache. With `experts`,
    /// each task's expert is scored, too. What a finished run of the same tasks and models among
    /// them has scored already, its merge, the base and the experts, is read from there.
    public static func evaluate(
        _ models: [String],
        with recipe: Recipe,
        experts: Bool = false,
        workers: Workers,
        observer: Observer = Observer()
    ) throws -> [TaskEvaluation] {
        let setup = try MergeSetup(recipe)
        let tasks = try recipe.tasks.map { try OpenTask($0, in: setup, workers) }
        guard !tasks.isEmpty else { throw ExperimentError.noData(task: nil) }
        let names = names(of: models)
        var candidates = try zip(models, names).map { try candidate($0, named: $1, setup) }
        if experts {
            candidates.append(.experts(of: setup, workers))
        }
        // Hashed for the first run that is there, and known for all others.
        var known: [RunLock.Input]?
        let records = try models.map { model in
            try RecordedAnswers(
                of: RunDirectory(URL(filePath: model)),
                for: setup,
                tasks: tasks
            ) {
                let inputs = try known ?? RunLock.inputs(of: setup, tasks, workers, observer)
                known = inputs
                return inputs
            }
        }
        for (index, record) in records.enumerated() {
            candidates[index].known = record?.lookUp("merged")
        }
        if let record = records.compactMap(\.self).first {
            let base = setup.base.url.standardizedFileURL
            for index in models.indices
            where URL(filePath: models[index]).standardizedFileURL == base {
                candidates[index].known = record.lookUp("base")
            }
            if experts { candidates[models.count].known = record.lookUp("expert") }
        }
        // The inputs that the recipe adapts on: a model that was learned with it has seen them.
        let adapted =
            recipe.learning == nil
            ? tasks.map { _ in nil } : try tasks.map { try $0.unlabeled($0.adapt) }
        return try Evaluation.run(
            tasks,
            candidates: candidates,
            adapted: adapted,
            workers: workers,
            observer: observer
        ).flatMap(\.evaluations)
    }

    /// What the scores of some models are called: the last components of their paths, numbered
    /// where they agree.
    public static func names(of models: [String]) -> [String] {
        ShortNames.of(models.map { URL(filePath: $0).standardizedFileURL.lastPathComponent })
    }

    static func candidate(
        _ reference: String,
        named name: String,
        _ setup: MergeSetup
    ) throws -> Evaluation.Candidate {
        let run = RunDirectory(URL(filePath: reference))
        if run.has(run.coefficients) {
            let coefficients = try RunJSON.decode(Coefficients.self, from: run.coefficients)
            let recipe = try Recipe(contentsOf: run.recipe, methods: MethodSignature.all)
            let learned = try MergeSetup(recipe, of: run)
            let merged = MergedParameters(
                try learned.vectors(.all),
                coefficients: coefficients.byParameter
            )
            return .init(name: name) { try $0.expert.model(on: merged) }
        }
        if run.has(run.recipe) {
            throw ExperimentError.notARun(
                reference,
                reason: "it has no coefficients.json yet; continue it with learn"
            )
        }
        let model = try RunnableModel(opening: reference)
        return .init(name: name) { try $0.expert.model(on: model.parameters) }
    }
}

extension [TaskEvaluation] {
    /// The names of the models that were scored, those of a run in the order of its story.
    public var models: [String] {
        let known = ["base", "initial", "merged", "expert"]
        let names = Set(flatMap(\.scores.keys))
        return known.filter(names.contains) + names.subtracting(known).sorted()
    }

    /// Accuracy of every model on every task, in percent, with the mean of held-out tasks.
    public func table(models order: [String]? = nil) -> TextTable {
        let models = order ?? models
        var table = TextTable(
            [.text("task"), .text("split"), .number("examples")] + models.map { .number($0) }
        )
        func percent(_ share: Double?) -> String {
            share.map(Markdown.percent) ?? "–"
        }
        for entry in self {
            table.add(
                [
                    entry.task, entry.split + (entry.transductive ? " (adapted on)" : ""),
                    String(entry.examples),
                ] + models.map { percent(entry.scores[$0]?.accuracy) }
            )
        }
        let heldOut = filter { !$0.transductive }
        let scored = heldOut.isEmpty ? self : heldOut
        if scored.count > 1 {
            let means = models.map { model -> String in
                let values = scored.compactMap { $0.scores[model]?.accuracy }
                return values.isEmpty ? "–" : percent(values.reduce(0, +) / Double(values.count))
            }
            let examples = scored.reduce(0) { $0 + $1.examples }
            table.add(
                ["mean", heldOut.isEmpty ? "adapted on" : "held out", String(examples)] + means
            )
        }
        return table
    }
}
