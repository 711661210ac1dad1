internal import Autograd
internal import Merging
internal import Tensors

// The recipe's words as the values that learning takes.

extension Optimizer {
    init(_ recipe: OptimizerParameters) {
        let (beta1, beta2) = (Float(recipe.beta1), Float(recipe.beta2))
        let (epsilon, decay) = (Float(recipe.epsilon), Float(recipe.weightDecay))
        self =
            switch recipe.rule {
            case .adam: .adam(beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay)
            case .adamw: .adamW(beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay)
            case .sgd: .sgd(momentum: Float(recipe.momentum), decay: decay)
            }
    }
}

extension Schedule {
    init(_ recipe: ScheduleParameters, peak: Double, steps: Int) {
        self.init(
            peak: Float(peak),
            steps: steps,
            warmUp: recipe.warmup.count(of: steps),
            decay: recipe.decay
        )
    }
}

extension CoefficientLearner.Options {
    init(_ recipe: LearningParameters) {
        self.init(
            bounds: recipe.bounds,
            optimizer: Optimizer(recipe.optimizer),
            schedule: Schedule(
                recipe.schedule,
                peak: recipe.optimizer.learningRate,
                steps: recipe.steps
            ),
            gradientClip: recipe.schedule.gradientClip,
            pulls: recipe.pulls
        )
    }
}

extension HistoryEntry {
    init(_ measurement: CoefficientLearner.Measurement, tasks: [String]) {
        func byTask(_ value: (PredictionTally) -> Double) -> [String: Double] {
            Dictionary(zip(tasks, measurement.tallies.map(value))) { first, _ in first }
        }
        self.init(
            step: measurement.step,
            entropy: byTask(\.meanEntropy),
            marginalEntropy: byTask(\.marginalEntropy),
            total: measurement.total,
            gradientNorm: measurement.gradient.norm,
            seconds: 0
        )
    }
}
