internal import Checkpoints
internal import Merging
internal import OrderedCollections

/// Makes the parts of a merge out of opened models: the modules and slices of a recipe, or all of it.
struct MergePartBuilder {
    let recipe: Recipe
    let card: MethodCard
    let base: SourceModel?
    let template: SourceModel
    /// The vocabulary that the models are given, where the recipe says something of it.
    let vocabulary: MergedVocabulary?
    let models: [ModelReference: SourceModel]
    /// The names of the template's tensors, which those of the merged model are like.
    let names: [String]
    let modules: ModelModules
    /// What was made so far.
    var parts: [MergePart] = []
    var stacks: [StackedLayers] = []
    var warnings: [String] = []
    /// Whatever does not match, of all parts.
    var mismatches: [Mismatch] = []

    init(
        _ recipe: Recipe,
        _ card: MethodCard,
        base: SourceModel?,
        template: SourceModel,
        vocabulary: MergedVocabulary?,
        models: [ModelReference: SourceModel]
    ) {
        (self.recipe, self.card, self.base) = (recipe, card, base)
        (self.template, self.vocabulary, self.models) = (template, vocabulary, models)
        names = Array(template.member.weights.keys)
        modules = ModelModules(of: names, family: template.family)
    }

    /// Makes all parts; of whole models, the parameters in `trunk` are merged.
    mutating func build(trunk: Set<String>?) throws {
        if !recipe.slices.isEmpty {
            guard let module = modules.all.first, modules.all.count == 1 else {
                throw ExportError.severalModules(
                    modules.all.map(\.name),
                    model: template.reference.description
                )
            }
            try stack(recipe.slices, in: nil, of: module)
        } else if recipe.modules.isEmpty {
            try addWhole(recipe.models, in: nil, trunk: trunk)
        } else if modules.all.count == 1, let only = modules.all.first, recipe.modules.count == 1 {
            // A model of one module is that module, whatever mergekit calls it.
            let module = recipe.modules[0]
            try module.slices.isEmpty
                ? addWhole(module.models, in: module, trunk: trunk)
                : stack(module.slices, in: module, of: only)
        } else {
            try addModules(trunk: trunk)
        }
        guard mismatches.isEmpty else { throw MergeError.mismatches(mismatches) }
    }

    private mutating func addModules(trunk: Set<String>?) throws {
        guard trunk == nil else {
            throw ExportError.wholeModels(key: "modules", method: recipe.mergeMethod)
        }
        let unknown = recipe.modules.map(\.name).filter { modules[$0] == nil }
        guard unknown.isEmpty else {
            throw ExportError.unknownModules(
                unknown,
                known: modules.all.map(\.name),
                model: template.reference.description
            )
        }
        for part in recipe.modules {
            guard let module = modules[part.name] else { continue }
            try part.slices.isEmpty
                ? addModels(part, of: module) : stack(part.slices, in: part, of: module)
        }
        noteLeftOut()
    }

    /// Notes the tensors that the merged model will not have, as mergekit writes none that no module
    /// of the recipe claims.
    private mutating func noteLeftOut() {
        let listed = Set(recipe.modules.map(\.name))
        let left = modules.all.map(\.name).filter { !listed.contains($0) }
        if !left.isEmpty {
            warnings.append(
                "The merged model lacks the modules that the recipe does not list: "
                    + left.joined(separator: ", ") + "."
            )
        }
        let unclaimed = names.filter { modules.owner(of: $0) == nil }
        if let first = unclaimed.first {
            warnings.append(
                "The merged model lacks \(unclaimed.count) tensors that belong to no module, such as "
                    + "\(first)."
            )
        }
    }

    /// Adds the merge of whole models.
    private mutating func addWhole(
        _ listed: [RecipeModel],
        in module: RecipeModule?,
        trunk: Set<String>?
    ) throws {
        let experts = experts(of: listed)
        try add(
            base: base?.member,
            experts.map { ($0.reference, $0.member) },
            in: module,
            names: trunk
        )
    }

    /// Adds the merge of what models have of a module.
    private mutating func addModels(_ part: RecipeModule, of module: ModelModule) throws {
        func own(_ model: SourceModel) -> ModelPool.Member {
            model.member.named(like: names).leavingOut { modules.owner(of: $0) != module }
        }
        let experts = experts(of: part.models)
        try add(base: base.map(own), experts.map { ($0.reference, own($0)) }, in: part)
    }

    private func experts(of listed: [RecipeModel]) -> [SourceModel] {
        var seen = Set(card.isOfTaskVectors ? [recipe.baseModel].compactMap(\.self) : [])
        return listed.map(\.reference).filter { seen.insert($0).inserted }
            .compactMap { models[$0] }
    }

    private mutating func add(
        base member: ModelPool.Member?,
        _ experts: [(reference: ModelReference, member: ModelPool.Member)],
        in module: RecipeModule?,
        names: Set<String>? = nil
    ) throws {
        guard let reference = member ?? experts.first?.member else { throw MergeError.noModels }
        let first = member == nil ? nil : recipe.baseModel
        let pool = try pool(
            base: member,
            experts.map(\.member),
            of: [first].compactMap(\.self) + experts.map(\.reference),
            names: names
        )
        guard let pool else { return }
        let counts = pool.parameters.map(\.name).layerCounts
        let options = RecipeOptions(
            recipe,
            module: module,
            models: experts.map { .init(scopes: recipe.scopes(of: $0.reference, module: module)) },
            layers: counts.mapValues { 0..<$0 }
        )
        parts.append(
            MergePart(
                pool: pool,
                base: member?.name,
                options: options,
                weights: reference.weights
            )
        )
    }

    /// Matches the models of a part, the base first among the references where there is one; `nil`
    /// where they do not match, which is noted.
    mutating func pool(
        base: ModelPool.Member?,
        _ experts: [ModelPool.Member],
        of references: [ModelReference],
        names wanted: Set<String>? = nil
    ) throws -> ModelPool? {
        do {
            let tables = vocabulary?.tables ?? []
            let hasTables = (base ?? experts.first)?.weights.keys.contains(where: tables.contains)
            return try ModelPool(
                base: base,
                experts: experts,
                names: wanted,
                rounding: recipe.dtype.map(DType.init),
                gathering: hasTables == true ? vocabulary?.gathering(for: references) : nil
            )
        } catch MergeError.mismatches(let found) {
            mismatches += found
            return nil
        }
    }
}
