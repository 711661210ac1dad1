public import Tensors

/// A merge method: its card, and how it combines parameters.
public struct MergeMethod: Sendable {
    /// Combines one block of a parameter.
    public typealias Rule = @Sendable (MergeBlock) throws -> Tensor
    /// Reads a parameter's options, and whatever the method must know of the parameter as a whole.
    public typealias Plan = @Sendable (ModelPool.Parameter) throws -> Rule

    /// Looks at the statistics of every model, and returns a plan.
    public typealias FromStatistics =
        @Sendable (ModelPool, [ModelStatistics], MergeOptions, SolveReport) throws -> Plan

    /// How a method comes to its result.
    public enum Kind: Sendable {
        /// By a rule. The function looks at the whole pool where the method must, and returns a plan.
        case rule(@Sendable (ModelPool, MergeOptions, Workers) throws -> Plan)
        /// By a rule that reads statistics of every model, and reports how it fared.
        case fromStatistics(StatisticsFile.Kind, FromStatistics)
        /// By a rule that reads Gram matrices, of each model's own blocks behind blocks that are
        /// merged: block after block, so that they cannot be collected beforehand.
        case blockByBlock(FromStatistics)
        /// By a rule that reads a mask of every model, learned on labeled data, where there are such.
        case fromMasks(
            @Sendable (ModelPool, [ModelStatistics], MergeOptions, Workers) throws -> Plan
        )
        /// By learning coefficients of task vectors, as they are or as another method prepares them.
        case learned(of: PreparedVectors?)
    }

    /// A method whose task vectors coefficients are learned of, with options other than its defaults.
    public struct PreparedVectors: Sendable {
        /// The method's name.
        public let method: String
        /// What it is told.
        public let options: [String: OptionValue]
    }

    /// What the method is.
    public let card: MethodCard
    /// How it comes to its result.
    public let kind: Kind
    /// The task vectors that it prepares for others to weigh; `nil` where it adds up none.
    public let preparation: VectorPreparation?

    init(card: MethodCard, kind: Kind, preparation: VectorPreparation? = nil) {
        (self.card, self.kind, self.preparation) = (card, kind, preparation)
    }

    /// The rule for every parameter of a pool, under a recipe's options.
    ///
    /// Where the method needs statistics, they are those of every model in the order of the pool, and
    /// `report` is told how equations are solved.
    ///
    /// - Throws: `MergeError` if the pool or the options are not what the method takes.
    public func plan(
        _ pool: ModelPool,
        options: any OptionSource,
        statistics: [ModelStatistics] = [],
        report: SolveReport = SolveReport(),
        workers: Workers
    ) throws -> Plan {
        if card.needs.contains(.base), !pool.hasBase {
            throw MergeError.missingBase(method: card.name)
        }
        guard !pool.experts.isEmpty else { throw MergeError.noModels }
        guard card.counts.contains(pool.experts.count) else {
            throw MergeError.modelCount(
                method: card.name,
                found: pool.experts.count + card.uncounted,
                expected: card.countWords
            )
        }
        switch kind {
        case .rule(let prepare):
            return try prepare(pool, MergeOptions(options, of: card, for: pool), workers)
        case .fromStatistics(_, let prepare), .blockByBlock(let prepare):
            guard statistics.count == pool.experts.count else {
                throw StatisticsError.missing(
                    model: pool.experts[min(statistics.count, pool.experts.count - 1)],
                    method: card.name,
                    kind: kind.statistics?.title ?? ""
                )
            }
            let options = try MergeOptions(options, of: card, for: pool)
            return try prepare(pool, statistics, options, report)
        case .fromMasks(let prepare):
            let options = try MergeOptions(options, of: card, for: pool)
            return try prepare(pool, statistics, options, workers)
        case .learned:
            throw MergeError.learnedMethod(card.name)
        }
    }
}

extension MergeMethod.Kind {
    /// The statistics that it reads.
    public var statistics: StatisticsFile.Kind? {
        switch self {
        case .fromStatistics(let kind, _): kind
        case .blockByBlock: .gram
        case .fromMasks: .mask
        case .rule, .learned: nil
        }
    }
}

/// Every merge method.
public enum MergeMethods {
    /// The table: a new method is one file and one line here.
    public static let all: [MergeMethod] = [
        .linear,
        .slerp,
        .nuslerp,
        .multislerp,
        .karcher,
        .passthrough,
        .modelStock,
        .metaGPT,
        .nearSwap,
        .arceeFusion,
        .expo,
        .dareLinear,
        .dareTIES,
        .breadcrumbs,
        .breadcrumbsTIES,
        .della,
        .dellaLinear,
        .magMax,
        .consensusTA,
        .consensusTIES,
        .pcb,
        .sce,
        .ram,
        .ramPlus,
        .taskArithmetic,
        .ties,
        .regMean,
        .regMeanPlusPlus,
        .fisher,
        .modelTailor,
        .localizeAndStitch,
        .adaMerging,
        .adaMergingPlusPlus,
        .taskSingularVectors,
        .isotropic,
        .isotropicCommonAndTaskSpecific,
        .subspaceBoosting,
        .singularValueCalibration,
        .opcm,
        .knots,
        .wudi,
        .wudiClosedForm,
        .doge,
        .dop,
        .awd,
        .frankWolfe,
    ]

    /// The method of a name.
    public static func named(_ name: String) throws -> MergeMethod {
        guard let method = all.first(where: { $0.card.name == name }) else {
            let known = all.map(\.card.name)
            throw MergeError.unknownMethod(found: name, nearest: nil, known: known)
        }
        return method
    }
}
