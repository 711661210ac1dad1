internal import Foundation

/// How the step size changes over a run: a rise from zero, then a decay.
public struct Schedule: Sendable, Equatable {
    /// What the step size does after the warm-up.
    public enum Decay: String, Sendable, CaseIterable {
        /// It stays.
        case none
        /// It falls along a line to zero.
        case linear
        /// It falls along half a cosine to zero (arXiv:1608.03983).
        case cosine
    }

    /// The largest step size.
    public var peak: Float
    /// The number of steps of the run.
    public var steps: Int
    /// The number of steps over which the step size rises along a line from zero.
    public var warmUp: Int
    /// What follows the warm-up.
    public var decay: Decay

    /// A constant step size unless told otherwise.
    public init(peak: Float, steps: Int, warmUp: Int = 0, decay: Decay = .none) {
        (self.peak, self.steps, self.warmUp, self.decay) = (peak, steps, warmUp, decay)
    }

    /// The step size of a step, counted from 0.
    ///
    /// As in transformers' schedules, but the first step of a warm-up is not lost on a rate of
    /// zero: step `s` of `w` uses `(s + 1) / (w + 1)` of the peak.
    public func rate(at step: Int) -> Float {
        if step < warmUp { return peak * Float(step + 1) / Float(warmUp + 1) }
        let progress = Double(step - warmUp) / Double(max(1, steps - warmUp))
        return switch decay {
        case .none: peak
        case .linear: peak * Float(max(0, 1 - progress))
        case .cosine: peak * Float(0.5 * (1 + cos(.pi * min(1, progress))))
        }
    }
}
