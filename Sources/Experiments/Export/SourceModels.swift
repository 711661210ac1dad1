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
    /// The module of the recipe that they stand in, where it has one.
    let module: RecipeModule?
    /// The vocabulary that they are given, where the recipe says something of it.
    let vocabulary: MergedVocabulary?
    /// Their parameters.
    let pool: ModelPool

    /// Opens the models of a recipe.
    ///
    /// - Throws: everything that does not match, in one error.
    init(_ recipe: Recipe, for card: MethodCard) throws {
        let (listed, module) = try Self.wholeModels(of: recipe)
        // What is made of task vectors has none of the base's, which mergekit lets stand among the
        // models all the same; an average takes whatever is listed.
        let isTaskVectors = card.needs.contains(.base) || card.needs.contains(.optionalBase)
        let references = listed.map(\.reference).reduce(into: [ModelReference]()) { unique, model in
            let isBase = isTaskVectors && model == recipe.baseModel
            if !isBase, !unique.contains(model) { unique.append(model) }
        }
        let base = try recipe.baseModel.map { try SourceModel($0, base: nil) }
        if let base, base.adapter != nil {
            throw ExportError.adaptedBase(base.reference.description)
        }
        let experts = try references.map { try SourceModel($0, base: recipe.baseModel) }
        guard let template = base ?? experts.first else { throw MergeError.noModels }
        let all = [base].compactMap(\.self) + experts.filter { $0.reference != recipe.baseModel }
        try Self.checkArchitectures(all)
        (self.experts, self.template) = (experts, template)
        (self.all, self.module) = (all, module)
        vocabulary = try recipe.vocabulary.map {
            try MergedVocabulary(
                $0,
                of: all,
                in: ([base].compactMap(\.self) + experts).map(\.reference),
                as: template,
                base: recipe.baseModel
            )
        }
        pool = try ModelPool(
            base: base.flatMap { base in
                base.checkpoint.map { (base.reference.description, $0) }
            },
            experts: experts.map(\.member),
            names: Self.trunk(of: recipe, base: base, template),
            rounding: recipe.dtype.map(DType.init),
            gathering: vocabulary?.gathering
        )
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

    /// The models of a recipe that merges whole models, and the module that holds them.
    private static func wholeModels(
        of recipe: Recipe
    ) throws -> (models: [RecipeModel], module: RecipeModule?) {
        guard recipe.slices.isEmpty else { throw ExportError.notWholeModels(key: "slices") }
        if recipe.modules.isEmpty { return (recipe.models, nil) }
        // A model of one module is that module, whatever mergekit calls it.
        guard recipe.modules.count == 1, let module = recipe.modules.first else {
            throw ExportError.notWholeModels(key: "modules")
        }
        guard module.slices.isEmpty else {
            throw ExportError.notWholeModels(key: "modules.\(module.name).slices")
        }
        return (module.models, module)
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
