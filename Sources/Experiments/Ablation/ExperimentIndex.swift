/// Which runs belong to which study: `experiment.json`, from which results are read without the
/// experiment.
struct ExperimentIndex: Codable, Sendable, Equatable {
    /// What the experiment is called.
    var title: String
    /// What it asks.
    var question: String
    /// Its questions, in their order.
    var studies: [Study]
    /// The directories of the scores of the base.
    var bases: [String]
    /// The directories of the scores of the experts.
    var experts: [String]
    /// The command that makes everything again.
    var command: [String]
    /// What was asked, as it was written.
    var texts: [SourceText]

    /// A question: its rows, or the analysis that answers it.
    struct Study: Codable, Sendable, Equatable {
        var name: String
        var note: String
        /// The names of the axes.
        var axes: [String]
        var rows: [Row]
        /// The key of the analysis, and its directory.
        var analysis: String?
        var table: String?
    }

    /// A run where it stands on the axes of the study.
    struct Row: Codable, Sendable, Equatable {
        var settings: [PlannedRun.Setting]
        /// Which set of experts of its point this is, from 0.
        var set: Int
        var seed: UInt64
        /// Its directory.
        var run: String
        /// The directory of the experts' scores on the same tasks.
        var experts: String
    }

    init(_ experiment: Experiment, _ plan: AblationPlan, command: [String]) {
        (title, question) = (experiment.title, experiment.question)
        (self.command, texts) = (command, experiment.texts)
        studies = experiment.studies.map { study in
            let rows = plan.rows.filter { $0.run.study == study.name }
            var key: String?
            if case .analysis(let analysis) = study.content { key = type(of: analysis).key }
            return Study(
                name: study.name,
                note: study.note,
                axes: rows.first?.run.settings.map(\.axis) ?? [],
                rows: rows.map {
                    Row(
                        settings: $0.run.settings,
                        set: $0.run.set,
                        seed: $0.run.recipe.seed,
                        run: $0.job,
                        experts: $0.experts
                    )
                },
                analysis: key,
                table: plan.analyses[study.name]
            )
        }
        func places(_ reference: AblationJob.Reference) -> [String] {
            plan.jobs.filter { job in
                if case .reference(reference, _) = job.content { true } else { false }
            }.map(\.identity.name)
        }
        (bases, experts) = (places(.base), places(.experts))
    }
}
