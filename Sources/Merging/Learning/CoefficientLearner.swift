public import Autograd
public import Tensors

/// Learns coefficients as AdaMerging does (Yang et al., 2024, arXiv:2310.02575): those
/// `λ` that minimise an objective of the merged model `θ₀ + Σₖ λₖ·τₖ` on unlabeled data.
///
/// A value that one step turns into the next. All there is to a run is in `state`, so a run that
/// is stopped and continued from a saved state ends with the same bits.
public struct CoefficientLearner: Sendable {
    /// What keeps coefficients in [0, 1].
    public enum Bounds: String, Sendable, CaseIterable, Codable {
        /// Nothing.
        case none
        /// The used value is clamped, as published; outside, the gradient is zero.
        case clamp
        /// Each update ends at the nearest point inside, where the gradient stays alive.
        case project
    }

    /// How coefficients are learned.
    public struct Options: Sendable, Equatable {
        /// What keeps coefficients in [0, 1].
        public var bounds: Bounds
        /// What moves them.
        public var optimizer: Optimizer
        /// The step size over the run.
        public var schedule: Schedule
        /// The largest norm of a gradient; `nil` for any.
        public var gradientClip: Double?
        /// What is added to the objective to hold coefficients back.
        public var pulls: CoefficientPulls

        /// AdaMerging's own: Adam at a constant rate, without bounds.
        public init(
            bounds: Bounds = .none,
            optimizer: Optimizer = .adam(),
            schedule: Schedule,
            gradientClip: Double? = nil,
            pulls: CoefficientPulls = CoefficientPulls()
        ) {
            (self.bounds, self.optimizer) = (bounds, optimizer)
            (self.schedule, self.gradientClip) = (schedule, gradientClip)
            self.pulls = pulls
        }
    }

    /// Everything that changes during a run.
    public struct State: Sendable {
        /// How many updates were made.
        public var step: Int
        /// The coefficients before bounds, `[groups, models]`.
        public var lambda: Tensor
        /// What the optimizer remembers.
        public var optimizer: OptimizerState

        /// A state that was saved, or the first one.
        public init(step: Int = 0, lambda: Tensor, optimizer: OptimizerState? = nil) {
            (self.step, self.lambda) = (step, lambda)
            self.optimizer = optimizer ?? OptimizerState(shape: lambda.shape)
        }
    }

    /// What a step found before it changed anything.
    public struct Measurement: Sendable {
        /// The number of updates made before.
        public let step: Int
        /// The objective.
        public let total: Double
        /// What each task's predictions looked like, in the order of the tasks.
        public let tallies: [PredictionTally]
        /// The objective's derivatives by the coefficients, `[groups, models]`.
        public let gradient: Tensor
    }

    /// What a step spends its time on, in this order.
    public enum Phase: String, Sendable, CaseIterable {
        /// Forming the merged parameters.
        case merging
        /// Running the model forwards and backwards.
        case passes
        /// Projecting the gradient onto the task vectors.
        case projection
    }

    private let vectors: any TaskVectors
    private let options: Options
    private let workers: Workers
    private let template: Coefficients
    /// The parameters that the model asks for as a whole, known after the first step.
    private var wholeParameters: [String] = []
    /// Where the run stands.
    public private(set) var state: State

    /// A run that starts from coefficients, or continues from a state.
    public init(
        _ vectors: any TaskVectors,
        from initial: Coefficients,
        state: State? = nil,
        options: Options,
        workers: Workers
    ) {
        (self.vectors, self.options, self.workers) = (vectors, options, workers)
        template = initial
        self.state = state ?? State(lambda: initial.tensor)
    }

    /// The coefficients that the merged model uses now.
    public var coefficients: Coefficients { template.replaced(by: used(state.lambda)) }

    /// Evaluates the objective and its gradient where the run stands, and says when a phase ended.
    public mutating func measure(
        _ objective: some MergeObjective,
        ended: (Phase) -> Void = { _ in }
    ) throws -> Measurement {
        let merged = MergedParameters(
            vectors,
            coefficients: coefficients.byParameter,
            tracked: true
        )
        try merged.form(wholeParameters, on: workers)
        ended(.merging)
        let passes = try objective.passes(at: state.step)
        let gradients = OrderedGradients()
        let results = try workers.map(passes.count) { pass in
            do {
                let result = try passes[pass](merged)
                gradients.add(result.loss, pass: pass)
                return (loss: Double(result.loss.value[0]), tally: result.tally)
            } catch {
                gradients.skip(pass: pass)
                throw error
            }
        }
        ended(.passes)
        wholeParameters = merged.formedNames
        var gradient = grouped(try merged.project(gradients, on: workers))
        let held = options.pulls.penalty(of: state.lambda, from: template.tensor)
        gradient.add(held.gradient)
        ended(.projection)
        return Measurement(
            step: state.step,
            total: results.reduce(0) { $0 + $1.loss } + held.value,
            tallies: Self.sums(of: results.map(\.tally), tasks: objective.tasks.count),
            gradient: gradient
        )
    }

    /// Moves the coefficients along a measured gradient.
    public mutating func update(along measurement: Measurement) throws {
        guard measurement.total.isFinite, measurement.gradient.isFinite else {
            throw LearningError.notFinite(step: state.step)
        }
        var gradient = [measurement.gradient]
        if let limit = options.gradientClip { gradient.clip(toNorm: limit) }
        options.optimizer.update(
            &state.lambda,
            gradient: gradient[0],
            state: &state.optimizer,
            rate: options.schedule.rate(at: state.step)
        )
        if options.bounds == .project { state.lambda = state.lambda.clamped(to: 0...1) }
        state.step += 1
    }

    private func used(_ lambda: Tensor) -> Tensor {
        options.bounds == .clamp ? lambda.clamped(to: 0...1) : lambda
    }

    /// Sums parameters' derivatives over the groups that share a coefficient.
    private func grouped(_ rows: [String: [Double]]) -> Tensor {
        let models = template.models.count
        let lambda = state.lambda.elements
        let elements = template.groups.enumerated().flatMap { index, group in
            (0..<models).map { model -> Float in
                if options.bounds == .clamp, !(0...1).contains(lambda[index * models + model]) {
                    return 0
                }
                return Float(group.parameters.reduce(0.0) { $0 + (rows[$1]?[model] ?? 0) })
            }
        }
        return Tensor([template.groups.count, models], elements)
    }

    private static func sums(of tallies: [PredictionTally], tasks: Int) -> [PredictionTally] {
        var sums = (0..<tasks).map {
            PredictionTally(task: $0, count: 0, entropy: 0, probabilities: [])
        }
        for tally in tallies { sums[tally.task].add(tally) }
        return sums
    }
}

/// Why learning cannot go on.
public enum LearningError: Error, Equatable, CustomStringConvertible {
    /// The objective or its gradient became NaN or infinite.
    case notFinite(step: Int)

    /// One sentence: what is wrong and what to do.
    public var description: String {
        switch self {
        case .notFinite(let step):
            "The objective became NaN or infinite at step \(step); lower parameters.learning_rate, "
                + "or set parameters.gradient_clip."
        }
    }
}
