internal import Checkpoints
internal import Merging
internal import Transformers

/// The models of a merge by rule, opened and matched.
struct SourceModels: Sendable {
    /// The models to merge, in the order of the recipe.
    let experts: [SourceModel]
    /// The model whose names, formats and configuration the merged one has: the base, or the first.
    let template: SourceModel
    /// Every model once, the base first.
    let all: [SourceModel]
    /// The vocabulary that they are given, where the recipe says something of it.
    let vocabulary: MergedVocabulary?
    /// What is merged: one part where whole models are, else the slices and modules in their order.
    let parts: [MergePart]
    /// The layers that get other numbers.
    let stacks: [StackedLayers]
    /// What is to be known of the merged model.
    let warnings: [String]

    /// The parameters of models that are merged whole.
    var pool: ModelPool { parts[0].pool }

    /// Opens the models of a recipe.
    ///
    /// - Throws: everything that does not match, in one error.
    init(_ recipe: Recipe, for card: MethodCard) throws {
        if let key = recipe.partsKey, card.needsWholeModels || !recipe.tasks.isEmpty {
            throw ExportError.wholeModels(key: key, method: recipe.mergeMethod)
        }
        // What is made of task vectors has none of the base's, which mergekit lets stand among the
        // models all the same; an average takes whatever is listed.
        let references = recipe.references.filter {
            !card.isOfTaskVectors || $0 != recipe.baseModel
        }
        let base = try recipe.baseModel.map { try SourceModel(base: $0) }
        let experts = try references.map { try SourceModel($0, base: recipe.baseModel) }
        guard let template = base ?? experts.first else { throw MergeError.noModels }
        let others = try recipe.sliceBases.filter {
            $0 != recipe.baseModel && !references.contains($0)
        }.map { try SourceModel(base: $0) }
        all =
            [base].compactMap(\.self) + experts.filter { $0.reference != recipe.baseModel }
            + others
        try Self.checkArchitectures(all)
        (self.experts, self.template) = (experts, template)
        vocabulary =
            if let parameters = recipe.vocabulary {
                try MergedVocabulary(parameters, of: all, as: template, base: recipe.baseModel)
            } else { nil }
        if let key = recipe.partsKey, let vector = all.first(where: { $0.vector != nil }) {
            throw ExportError.vectorInParts(vector.reference.description, key: key)
        }
        var builder = MergePartBuilder(
            recipe,
            card,
            base: base,
            template: template,
            vocabulary: vocabulary,
            models: (all + experts).reduce(into: [:]) { $0[$1.reference] = $1 }
        )
        try builder.build(trunk: Self.trunk(of: recipe, base: base, template))
        (parts, stacks, warnings) = (builder.parts, builder.stacks, builder.warnings)
    }

    /// The parameters of the base that a merge for tasks changes; `nil` is all of them.
    ///
    /// Where a recipe has tasks, heads are not merged: each belongs to its expert, and without a
    /// base the merged model keeps that of the first.
    private static func trunk(
        of recipe: Recipe,
        base: SourceModel?,
        _ template: SourceModel
    ) throws -> Set<String>? {
        guard !recipe.tasks.isEmpty else { return nil }
        if base != nil { return try MergeSetup.trunk(of: recipe) }
        guard let configuration = template.directory.configuration,
            let architecture = try? Architectures.of(configuration: configuration)
        else { return nil }
        let views = template.member.weights.filter { $0.value.isFloatingPoint }
        return Set(views.map(\.key).filter { !architecture.isHead($0) })
    }

    private static func checkArchitectures(_ models: [SourceModel]) throws {
        let findings = models.compactMap { model in
            model.architecture.map {
                ExportError.Finding(model: model.reference.description, architecture: $0)
            }
        }
        if Set(findings.map(\.architecture)).count > 1 {
            throw ExportError.architecturesDiffer(findings)
        }
    }
}

extension SourceModel {
    /// Opens a model that others were fine-tuned from.
    fileprivate init(base reference: ModelReference) throws {
        try self.init(reference, base: nil)
        if adapter != nil { throw ExportError.adaptedBase(reference.description) }
    }
}

extension MethodCard {
    /// Whether the base is no model to merge, but what the others are compared with.
    var isOfTaskVectors: Bool { needs.contains(.base) || needs.contains(.optionalBase) }

    /// Whether it looks at what a model computes, which parts of models do not.
    fileprivate var needsWholeModels: Bool {
        needs.contains(.unlabeledData) || needs.contains(.gram) || needs.contains(.fisher)
    }
}

extension Recipe {
    /// The key under which the recipe lists something else than whole models.
    var partsKey: String? {
        if !slices.isEmpty { return "slices" }
        guard let module = modules.first else { return nil }
        if modules.count > 1 { return "modules" }
        return module.slices.isEmpty ? nil : "modules.\(module.name).slices"
    }

    /// Every model to merge once, in the order in which they are named.
    fileprivate var references: [ModelReference] {
        let models = models + modules.flatMap(\.models)
        var seen: Set<ModelReference> = []
        return (models.map(\.reference) + allSlices.flatMap { $0.sources.map(\.reference) })
            .filter { seen.insert($0).inserted }
    }

    /// The base models that slices have of their own.
    fileprivate var sliceBases: [ModelReference] {
        var seen: Set<ModelReference> = []
        return allSlices.compactMap(\.baseModel).filter { seen.insert($0).inserted }
    }

    private var allSlices: [RecipeSlice] { slices + modules.flatMap(\.slices) }
}

extension DType {
    /// The format that a recipe names.
    init(_ type: ElementType) {
        self =
            switch type {
            case .float32: .float32
            case .bfloat16: .bfloat16
            case .float16: .float16
            case .float64: .float64
            }
    }
}
