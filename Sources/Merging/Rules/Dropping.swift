internal import Tensors

/// How what random dropping leaves is made up to what it was.
enum RescaleMode: String, CaseIterable {
    /// The sum of a tensor's magnitudes stays (mergekit).
    case l1
    /// No element changes on average: each is divided by the probability that it stays (the papers'
    /// code, FusionBench).
    case inverseProbability = "inverse_probability"

    /// The options of a method that drops at random.
    static let options = [
        MergeOption(
            "rescale",
            .merge,
            .flags,
            default: .flag(true),
            "make up for what is dropped"
        ),
        MergeOption(
            "rescale_mode",
            .merge,
            .names(allCases.map(\.rawValue)),
            default: .text(l1.rawValue),
            "l1: keep a tensor's sum of magnitudes; inverse_probability: divide by that of staying"
        ),
    ]
}

extension Sparsifier {
    /// Drops entries at random.
    ///
    /// `probabilities` gives those with which the entries of a block of an expert's vector stay, which
    /// begins at some element, or `nil` where all do. The numbers depend on the seed, the parameter, the
    /// expert's place and the entry's.
    static func dropping(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions,
        _ probabilities: @escaping @Sendable (Tensor, _ expert: Int, _ start: Int) -> Tensor?
    ) throws -> Sparsifier {
        let (seed, name) = (options.seed, parameter.name)
        let rescale = try options.flag("rescale", name)
        let mode: RescaleMode = try options.choice("rescale_mode", name)
        let inverse = rescale && mode == .inverseProbability
        let sparsifier = Sparsifier { vector, k, start in
            guard let probabilities = probabilities(vector, k, start) else { return }
            let generator = SeededGenerator(seed: seed, name, k)
            vector.drop(
                keeping: probabilities,
                rescaling: inverse,
                by: generator,
                from: start
            )
        }
        return rescale && mode == .l1
            ? try sparsifier.preservingMagnitude(of: parameter) : sparsifier
    }
}
