public import Checkpoints
internal import Foundation
public import Merging
internal import Transformers

/// The models of a recipe, opened and matched: what learning, evaluating and planning start from.
public struct MergeSetup: Sendable {
    /// The recipe.
    public let recipe: Recipe
    /// The model that the experts were fine-tuned from.
    public let base: ModelDirectory
    /// The experts in the order of the recipe.
    public let experts: [TaskExpert]
    /// The encoder's parameters: the base's with what each expert has in their place.
    public let pool: ModelPool
    /// Whether task vectors are differences to the base, and not to a merge that is learned around.
    let isAroundBase: Bool

    /// Opens the models of a recipe that learns, or that is evaluated by task.
    ///
    /// - Throws: everything that does not match, in one error.
    public init(_ recipe: Recipe) throws { try self.init(recipe, around: nil) }

    /// Opens the models of a run, which may learn around a merge that lies in its directory.
    init(_ recipe: Recipe, of run: RunDirectory) throws {
        try self.init(recipe, around: recipe.learning?.start == nil ? nil : run.start)
    }

    private init(_ recipe: Recipe, around start: URL?) throws {
        let (base, experts, trunk) = try Self.open(recipe)
        (self.recipe, self.base, self.experts) = (recipe, base, experts)
        let own = try base.checkpoint()
        let origin = try start.map { try Checkpoint(at: $0) } ?? own
        isAroundBase = start == nil
        pool = try ModelPool(
            base: ModelPool.Member(
                name: start?.lastPathComponent ?? recipe.baseModel?.name ?? base.reference,
                checkpoint: origin
            ),
            experts: try experts.map { start == nil ? $0.member : try $0.member(over: own) },
            names: trunk,
            rounding: recipe.dtype.map(DType.init)
        )
    }

    /// The base's names of the parameters that a recipe's experts share: not those of their heads.
    static func trunk(of recipe: Recipe) throws -> Set<String> { try open(recipe).trunk }

    private static func open(
        _ recipe: Recipe
    ) throws -> (base: ModelDirectory, experts: [TaskExpert], trunk: Set<String>) {
        guard let reference = recipe.baseModel else {
            throw ExperimentError.noBase(method: recipe.mergeMethod)
        }
        if let key = recipe.partsKey {
            throw ExportError.wholeModels(key: key, method: recipe.mergeMethod)
        }
        let base = try ModelDirectory(opening: reference)
        let names = ShortNames.of(recipe.experts.map(\.name))
        let experts = try zip(recipe.experts, names).map { reference, name in
            try TaskExpert(name: name, directory: ModelDirectory(opening: reference), base: base)
        }
        let trunk = try trunk(of: experts, in: base.checkpoint(), base: reference.name)
        return (base, experts, trunk)
    }

    /// The base's names of the parameters that the experts' encoders need.
    ///
    /// Poolers are often missing from encoders; each task then keeps its own, like a head.
    private static func trunk(
        of experts: [TaskExpert],
        in base: Checkpoint,
        base name: String
    ) throws -> Set<String> {
        var found: Set<String> = []
        var missing: Set<String> = []
        for expert in experts {
            for name in try expert.trunkNames() {
                let spellings = ParameterNames.spellings(
                    of: name,
                    prefix: expert.architecture.prefix
                )
                if let known = spellings.first(where: { base[$0] != nil }) {
                    found.insert(known)
                } else if !name.contains("pooler") {
                    missing.insert(name)
                }
            }
        }
        guard missing.isEmpty else {
            throw ExperimentError.baseLacks(missing.sorted(), base: name)
        }
        return found
    }

    /// The expert that a reference of the recipe means.
    func expert(of reference: ModelReference, task: String) throws -> Int {
        guard let index = recipe.experts.firstIndex(of: reference) else {
            throw ExperimentError.unknownExpert(task: task, model: reference.name)
        }
        return index
    }
}

extension ModelDirectory {
    /// Opens what a recipe names; its paths are absolute by then.
    init(opening reference: ModelReference) throws {
        // An adapter that names its base, `base+adapter`, is opened as the adapter.
        let source = reference.adapter ?? reference.model
        try self.init(resolving: source.description, relativeTo: [])
    }
}

/// Names that tell experts apart.
enum ShortNames {
    /// The names themselves; where several agree, numbered from the second on.
    static func of(_ names: [String]) -> [String] {
        var counts: [String: Int] = [:]
        return names.map { name in
            counts[name, default: 0] += 1
            return counts[name] == 1 ? name : "\(name)-\(counts[name] ?? 0)"
        }
    }
}
