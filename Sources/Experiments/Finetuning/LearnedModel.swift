internal import Autograd
internal import Checkpoints
internal import Merging
internal import Tensors
internal import Transformers

/// What is learned of a classifier, and how its parameters follow from that.
///
/// Either all parameters are learned; or linear weights get low-rank updates `s·B·A`, a head and
/// whatever the base model lacks are learned whole, and everything else stays as it is.
struct LearnedModel: Sendable {
    /// A low-rank update that is learned.
    struct Update: Sendable, Equatable {
        /// The name of the linear module, without `.weight`.
        let module: String
        let rank: Int
        /// What recipes and PEFT call alpha: the scale is alpha / rank.
        let alpha: Double

        var weight: String { module + ".weight" }
        var a: String { module + ".lora_A.weight" }
        var b: String { module + ".lora_B.weight" }
        var scale: Float { Float(alpha / Double(rank)) }
    }

    /// The classifier.
    let base: ClassifierBase
    /// The parameters that are learned whole, sorted.
    let whole: [String]
    /// The low-rank updates, sorted.
    let updates: [Update]

    /// Every parameter is learned.
    init(full base: ClassifierBase) {
        self.base = base
        whole = base.shapes.keys.sorted()
        updates = []
    }

    /// An adapter is learned.
    init(_ base: ClassifierBase, adapter: LowRankParameters) throws {
        let missing = Set(base.missing)
        let whole = base.shapes.keys.filter { name in
            base.architecture.isHead(name) || missing.contains(name)
                || adapter.modulesToSave.contains { ModuleName.holds($0, name) }
        }
        try Self.check("lora.modules_to_save", adapter.modulesToSave, base) { name in
            base.shapes.keys.contains { ModuleName.holds(name, $0) }
        }
        let modules = base.linearWeights.filter { !whole.contains($0) }.map(ModuleName.of)
        let targets: [String]
        switch adapter.targets {
        case .allLinear: targets = modules
        case .modules(let names):
            try Self.check("lora.target_modules", names, base) { name in
                modules.contains { ModuleName.fits(name, $0) }
            }
            targets = modules.filter { module in
                names.contains { ModuleName.fits($0, module) }
            }
        }
        for (key, names) in [
            ("lora.rank_pattern", Array(adapter.rankPattern.keys)),
            ("lora.alpha_pattern", Array(adapter.alphaPattern.keys)),
        ] {
            try Self.check(key, names.sorted(), base) { name in
                targets.contains { ModuleName.fits(name, $0) }
            }
        }
        self.base = base
        self.whole = whole.sorted()
        updates = targets.map { module in
            Update(
                module: module,
                rank: adapter.rankPattern.value(for: module) ?? adapter.rank,
                alpha: adapter.alphaPattern.value(for: module) ?? adapter.alpha
            )
        }
    }

    private static func check(
        _ key: String,
        _ names: [String],
        _ base: ClassifierBase,
        fits: (String) -> Bool
    ) throws {
        let unknown = names.filter { !fits($0) }
        guard unknown.isEmpty else {
            let known = base.linearWeights.map(ModuleName.of)
            throw FinetuneError.unknownModules(key: key, unknown, known: known)
        }
    }
}

extension Dictionary where Key == String {
    /// The value of the longest name that fits a module: the most particular one.
    fileprivate func value(for module: String) -> Value? {
        keys.filter { ModuleName.fits($0, module) }.max { $0.utf8.count < $1.utf8.count }
            .flatMap { self[$0] }
    }
}
