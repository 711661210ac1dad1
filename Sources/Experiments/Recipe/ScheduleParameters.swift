public import Autograd

/// How the step size changes over a run, and how long a gradient may be.
public struct ScheduleParameters: Equatable, Sendable {
    /// The steps over which the step size rises from zero.
    public enum Warmup: Equatable, Sendable {
        /// A number of steps.
        case steps(Int)
        /// A share of all steps, below 1.
        case share(Double)

        /// The number of steps, in a run of `steps`, rounded to the nearest.
        public func count(of steps: Int) -> Int {
            switch self {
            case .steps(let count): count
            case .share(let share): Int((share * Double(steps)).rounded())
            }
        }
    }

    /// The warm-up.
    public var warmup: Warmup
    /// What follows it.
    public var decay: Schedule.Decay
    /// The Euclidean norm that longer gradients are shortened to.
    public var gradientClip: Double?

    /// A constant step size, and gradients as they are, unless told otherwise.
    public init(
        warmup: Warmup = .steps(0),
        decay: Schedule.Decay = .none,
        gradientClip: Double? = nil
    ) {
        self.warmup = warmup
        self.decay = decay
        self.gradientClip = gradientClip
    }
}

extension ScheduleParameters {
    /// Reads the keys of a schedule, for a run of `steps` steps where that is known.
    static func read(
        _ map: MapReader,
        defaults: ScheduleParameters,
        steps: Int?
    ) -> ScheduleParameters {
        let warmup = map["warmup"]
        let schedule = ScheduleParameters(
            warmup: warmup?.warmup() ?? defaults.warmup,
            decay: map["decay"]?.choice() ?? defaults.decay,
            gradientClip: map["gradient_clip"].map { $0.limit() } ?? defaults.gradientClip
        )
        if case .steps(let count) = schedule.warmup, let steps, count > steps {
            warmup?.report(.warmupTooLong(count, steps: steps))
        }
        return schedule
    }

    var document: [(key: String, value: DocumentValue?)] {
        [
            ("warmup", warmup.document),
            ("decay", .text(decay.rawValue)),
            ("gradient_clip", gradientClip.map(DocumentValue.number) ?? .text("none")),
        ]
    }
}

extension ScheduleParameters.Warmup {
    fileprivate var document: DocumentValue {
        switch self {
        case .steps(let count): .integer(count)
        case .share(let share): .number(share)
        }
    }
}

extension ValueReader {
    /// Steps as a whole number, or a share of them below 1.
    fileprivate func warmup() -> ScheduleParameters.Warmup? {
        if let steps = scalar?.integer, steps >= 0 { return .steps(steps) }
        if let share = scalar?.number, share > 0, share < 1 { return .share(share) }
        mismatch("a whole number of steps, or a share of them below 1")
        return nil
    }

    /// A number above 0, or `none`.
    fileprivate func limit() -> Double? {
        if scalar?.text == "none" { return nil }
        if let limit = scalar?.number, limit > 0, limit.isFinite { return limit }
        mismatch("a number above 0, or none")
        return nil
    }
}
