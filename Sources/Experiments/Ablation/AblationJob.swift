internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors

/// One thing that an experiment has to do, by whoever comes to it first.
struct AblationJob: Sendable {
    /// What is done.
    enum Content: Sendable {
        /// A merge or a run of learning, and its scores.
        case run(PlannedRun)
        /// The scores of the base and of the experts, which merges are compared with.
        case reference(Reference, Recipe)
        /// An analysis of a study.
        case analysis(any Analysis, Recipe)
    }

    /// A model that is no merge.
    enum Reference: String, Sendable, CaseIterable {
        case base
        case experts
    }

    let content: Content
    let identity: RunIdentity
    /// The identity of what is scored.
    let evaluation: RunIdentity
    /// What it is called while it is done.
    let title: String

    /// How much work it is, in steps of learning.
    var effort: Int {
        if case .run(let run) = content, let learning = run.recipe.learning {
            learning.steps + Self.scoring
        } else {
            Self.scoring
        }
    }

    /// About as many steps as scoring takes: many more examples, but no derivatives.
    static let scoring = 20

    /// Whether it is done.
    func isDone(in results: ResultsDirectory) -> Bool {
        switch content {
        case .analysis:
            FileManager.default.fileExists(atPath: results.table(identity.name).path)
        case .run, .reference:
            RunRecord.known(identity.name, evaluation: evaluation.hash, in: results) != nil
        }
    }
}

/// The jobs of an experiment, and which of them make the rows of its results.
struct AblationPlan: Sendable {
    /// A row of a study: a run with where it stands on the axes.
    struct Row: Sendable {
        let run: PlannedRun
        let job: String
        /// The scores of the experts on the same tasks.
        let experts: String
    }

    /// Everything to do, once: runs of several studies may be one.
    private(set) var jobs: [AblationJob] = []
    /// The runs of all studies, in the order of the file.
    private(set) var rows: [Row] = []
    /// The directories of the analyses, by study.
    private(set) var analyses: [String: String] = [:]

    /// Reads all recipes, opens their models and hashes their inputs.
    init(
        _ experiment: Experiment,
        _ shared: SharedWork,
        _ workers: Workers,
        _ observer: Observer
    ) throws {
        var known: Set<String> = []
        let runs = try experiment.runs()
        observer.begin("reading the experiment", runs.count)
        // Its inputs are hashed on the way; that is no phase of its own for every run.
        let silent = Observer(isCancelled: observer.isCancelled)
        func identify(
            _ recipe: Recipe,
            _ purpose: String,
            scoring splits: [SplitReference] = []
        ) throws -> RunIdentity {
            let text = ([purpose] + splits.map(\.description)).joined(separator: " ")
            // Many runs differ in nothing that matters here.
            return try shared.value("identity of \(text) \(recipe.resolvedYAML())") {
                try RunIdentity(of: recipe, text, shared, workers, silent)
            }
        }
        let seeds = runs.reduce(into: [:]) { $0[$1.study, default: Set()].insert($1.recipe.seed) }
        for run in runs {
            let scoring = run.full.onlyScoring(experiment.splits)
            let evaluation = try identify(scoring, "scores", scoring: experiment.splits)
            var places: [String] = []
            for reference in AblationJob.Reference.allCases {
                let job = AblationJob(
                    content: .reference(reference, scoring),
                    identity: try identify(scoring, reference.rawValue, scoring: experiment.splits),
                    evaluation: evaluation,
                    title: "scores of the \(reference.rawValue)"
                )
                places.append(job.identity.name)
                if known.insert(job.identity.hash).inserted { jobs.append(job) }
            }
            let job = AblationJob(
                content: .run(run),
                identity: try identify(run.recipe, "run"),
                evaluation: evaluation,
                title: run.title(withSeed: (seeds[run.study]?.count ?? 1) > 1)
            )
            rows.append(Row(run: run, job: job.identity.name, experts: places[1]))
            if known.insert(job.identity.hash).inserted { jobs.append(job) }
            observer.advance(1)
        }
        for study in experiment.studies {
            guard case .analysis(let analysis) = study.content else { continue }
            let recipe = try experiment.recipe(of: study)
            let identity = try identify(recipe, "analysis \(analysis.identity)")
            analyses[study.name] = identity.name
            guard known.insert(identity.hash).inserted else { continue }
            jobs.append(
                AblationJob(
                    content: .analysis(analysis, recipe),
                    identity: identity,
                    evaluation: identity,
                    title: study.name
                )
            )
        }
    }
}

extension Recipe {
    /// The recipe without anything that scores do not depend on.
    fileprivate func onlyScoring(_ splits: [SplitReference]) -> Recipe {
        var copy = Recipe(
            mergeMethod: MergeMethod.taskArithmetic.card.name,
            baseModel: baseModel,
            models: models.map { RecipeModel($0.reference) },
            tasks: tasks,
            dtype: dtype
        )
        for index in copy.tasks.indices {
            // What is adapted on makes no difference, but has to be a split that is there.
            let scored = splits.first ?? copy.tasks[index].evaluate
            copy.tasks[index].adapt = scored ?? copy.tasks[index].adapt
            (copy.tasks[index].select, copy.tasks[index].evaluate) = (nil, scored)
        }
        return copy
    }
}
