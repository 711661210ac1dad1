public import Merging

/// How a merge learns its coefficients: the `parameters` of AdaMerging, with their defaults.
public struct LearningParameters: Equatable, Sendable {
    /// Where the coefficients begin.
    public enum Initial: Equatable, Sendable {
        /// All at one value.
        case value(Double)
        /// At those of an earlier run, by the absolute path of its directory.
        case run(String)
        /// Where the squared error of linear maps' outputs is least, in closed form.
        case gram
    }

    /// Which step's coefficients are kept.
    public enum Keep: String, CaseIterable, Sendable {
        /// The best by the unlabeled criterion on the `select` splits.
        case best
        /// The last, as published.
        case last
    }

    /// What shares one coefficient.
    public var granularity = Granularity.tensor
    /// Where the coefficients begin.
    public var initial = Initial.value(0.3)
    /// The merge around which coefficients are learned; `nil` for the base.
    public var start: MethodChoice?
    /// How many steps are made.
    public var steps = 500
    /// How many examples of each task are adapted on at most, chosen by the seed; `nil` for all.
    public var adaptExamples: Int?
    /// How many examples of each task a step sees.
    public var batchSize = 16
    /// What is minimised, summed over tasks.
    public var objective = ObjectiveTerms()
    /// What holds coefficients back.
    public var pulls = CoefficientPulls()
    /// How gradients become steps.
    public var optimizer = OptimizerParameters(.adam, learningRate: 1e-3)
    /// How the step size changes.
    public var schedule = ScheduleParameters()
    /// What keeps coefficients within bounds.
    public var bounds = CoefficientLearner.Bounds.none
    /// Which step is kept.
    public var keep = Keep.best
    /// How many steps lie between two looks at the `select` splits.
    public var selectEvery = 10
    /// How many examples of each task such a look takes at most.
    public var selectExamples = 256
    /// The method that prepares the task vectors; `nil` to take them as they are.
    public var taskVectors: MethodChoice?

    /// The defaults of AdaMerging; with vectors that TIES prepares, those of AdaMerging++.
    public init(taskVectors: MethodChoice? = nil) {
        self.taskVectors = taskVectors
    }
}

extension LearningParameters {
    /// Reads the keys of learning from a `parameters` map.
    static func read(
        _ map: MapReader,
        defaults: LearningParameters,
        methods: [String: MethodSignature]
    ) -> LearningParameters {
        var parameters = defaults
        parameters.start = map["start"]?.start(among: methods)
        // Around another merge, the coefficients begin there.
        if parameters.start != nil { parameters.initial = .value(0) }
        parameters.granularity = map["granularity"]?.choice() ?? defaults.granularity
        parameters.initial = map["initial"]?.initial() ?? parameters.initial
        parameters.steps = map["steps"]?.integer(atLeast: 0) ?? defaults.steps
        parameters.batchSize = map["batch_size"]?.integer(atLeast: 1) ?? defaults.batchSize
        parameters.adaptExamples = map["adapt_examples"]?.limit() ?? defaults.adaptExamples
        parameters.objective.read(map)
        parameters.pulls.toInitial =
            map["pull_to_initial"]?.number(.nonnegative) ?? defaults.pulls.toInitial
        parameters.pulls.together =
            map["pull_together"]?.number(.nonnegative) ?? defaults.pulls.together
        parameters.optimizer = .read(map, defaults: defaults.optimizer)
        parameters.schedule = .read(map, defaults: defaults.schedule, steps: parameters.steps)
        parameters.bounds = map["bounds"]?.choice() ?? defaults.bounds
        parameters.keep = map["keep"]?.choice() ?? defaults.keep
        parameters.selectEvery = map["select_every"]?.integer(atLeast: 1) ?? defaults.selectEvery
        parameters.selectExamples =
            map["select_examples"]?.integer(atLeast: 1) ?? defaults.selectExamples
        parameters.taskVectors =
            map["task_vectors"]?.taskVectors(among: methods) ?? defaults.taskVectors
        // AdaMerging++'s one option, by its short name.
        if defaults.taskVectors != nil, let density = map["density"]?.number(.share) {
            parameters.taskVectors?.parameters["density"] = .scalar(.number(density))
        }
        return parameters
    }

    var document: [(key: String, value: DocumentValue?)] {
        [
            ("granularity", .text(granularity.rawValue)),
            ("task_vectors", taskVectors?.document),
            ("start", start?.document),
            ("initial", initial.document),
            ("steps", .integer(steps)),
            ("batch_size", .integer(batchSize)),
            ("adapt_examples", adaptExamples.map { .integer($0) } ?? .text("all")),
        ] + objective.document + [
            ("pull_to_initial", .number(pulls.toInitial)),
            ("pull_together", .number(pulls.together)),
        ] + optimizer.document + schedule.document + [
            ("bounds", .text(bounds.rawValue)),
            ("keep", .text(keep.rawValue)),
            ("select_every", .integer(selectEvery)),
            ("select_examples", .integer(selectExamples)),
        ]
    }
}

extension ObjectiveTerms {
    fileprivate mutating func read(_ map: MapReader) {
        kind = map["objective"]?.choice() ?? kind
        diversity = map["diversity"]?.number(.nonnegative) ?? diversity
        features = map["features"]?.number(.nonnegative) ?? features
    }

    fileprivate var document: [(key: String, value: DocumentValue?)] {
        [
            ("objective", .text(kind.rawValue)),
            ("diversity", .number(diversity)),
            ("features", .number(features)),
        ]
    }
}

extension LearningParameters.Initial {
    fileprivate var document: DocumentValue {
        switch self {
        case .value(let value): .number(value)
        case .run(let path): .text(path)
        case .gram: .text("gram")
        }
    }
}

extension ValueReader {
    /// A number, the directory of a run, or `gram`.
    fileprivate func initial() -> LearningParameters.Initial? {
        guard let scalar else {
            mismatch("a number, the directory of an earlier run, or gram")
            return nil
        }
        if scalar.text == "gram" { return .gram }
        return scalar.number == nil
            ? file().map(LearningParameters.Initial.run)
            : number().map(LearningParameters.Initial.value)
    }
}
