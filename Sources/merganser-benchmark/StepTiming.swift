import Autograd
import Merging

/// Times steps of a known number of operations against the ceiling right before and after each.
struct StepTiming {
    let ceiling: Ceiling
    /// The floating-point operations of a step's matrix products.
    let operations: Double
    let steps: Int

    /// Where every run starts: the same coefficient of each expert in each tensor.
    static func coefficients(_ pool: ModelPool) -> Coefficients {
        Coefficients(
            .tensor,
            models: pool.experts,
            parameters: pool.parameters.map(\.name),
            initial: 0.3
        )
    }

    /// Times steps of tensor-wise learning, and what each phase of a step takes.
    func learn(
        _ workload: String,
        from pool: ModelPool,
        _ objective: some MergeObjective
    ) throws -> Measurement {
        var learner = CoefficientLearner(
            PlainTaskVectors(pool),
            from: Self.coefficients(pool),
            options: .init(schedule: Schedule(peak: 1e-3, steps: steps)),
            workers: ceiling.workers
        )
        var durations: [CoefficientLearner.Phase: [Double]] = [:]
        var measurement = try run(workload) {
            var last = ContinuousClock.now
            let found = try learner.measure(objective) { phase in
                let now = ContinuousClock.now
                durations[phase, default: []].append((now - last) / .seconds(1))
                last = now
            }
            try learner.update(along: found)
        }
        measurement.shares = durations.reduce(into: [:]) {
            $0[$1.key.rawValue] = Array($1.value.dropFirst()).median / measurement.seconds
        }
        return measurement
    }

    /// Times a step, which is made once more than is counted.
    func run(_ workload: String, _ step: () throws -> Void) throws -> Measurement {
        var before = try ceiling.measure()
        let runs = try (0...steps).map { _ in
            let time = try timed(step)
            let after = try ceiling.measure()
            defer { before = after }
            return (seconds: time, floor: operations / ((before + after) / 2))
        }
        // The first step also allocates what all others use again.
        return Measurement(workload, runs: Array(runs.dropFirst()))
    }
}
