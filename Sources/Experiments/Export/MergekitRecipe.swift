internal import Merging

extension Recipe {
    /// The recipe in mergekit's schema, or `nil` where mergekit has no words for what it says.
    func mergekitYAML() throws -> String? {
        guard let known = Self.mergekitOptions[mergeMethod],
            let card = try? MergeMethods.named(mergeMethod).card
        else { return nil }
        // Its schema has no seed: whoever drew by another than ours reads that in our recipe.
        guard seed == 0 || !Self.random.contains(mergeMethod) else { return nil }
        let taken = known.union(card.accepted)
        let standards = card.options.reduce(into: [:]) { $0[$1.name] = $1.fallback }
        var isSayable = true
        func sayable(_ settings: [String: Setting]) -> [String: Setting] {
            settings.filter { name, setting in
                if taken.contains(name) { return true }
                // An option of ours may stay unsaid where it asks for what mergekit does.
                let asks = setting.scalars.map(OptionValue.init)
                if !asks.allSatisfy({ $0 == standards[name] }) { isSayable = false }
                return false
            }
        }
        func say(_ models: inout [RecipeModel]) {
            for index in models.indices {
                models[index].parameters = sayable(models[index].parameters)
            }
        }
        func say(_ slices: inout [RecipeSlice]) {
            for index in slices.indices {
                // mergekit knows the sources of a slice by their models, so each is one source.
                let references = slices[index].sources.map(\.reference)
                if Set(references).count < references.count { isSayable = false }
                slices[index].parameters = sayable(slices[index].parameters)
                for source in slices[index].sources.indices {
                    let parameters = slices[index].sources[source].parameters
                    slices[index].sources[source].parameters = sayable(parameters)
                }
            }
        }
        var said = self
        said.parameters = sayable(parameters)
        say(&said.models)
        say(&said.slices)
        for index in said.modules.indices {
            said.modules[index].parameters = sayable(modules[index].parameters)
            say(&said.modules[index].models)
            say(&said.modules[index].slices)
        }
        return isSayable ? try said.mergekitDocument.yaml() : nil
    }

    /// The keys of the schema; tasks and seeds are none.
    private var mergekitDocument: DocumentValue {
        let options = parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value.document) }
        return .map([
            ("merge_method", .text(mergeMethod)),
            ("base_model", baseModel?.document),
            ("models", models.isEmpty ? nil : .list(models.map(\.document))),
            ("slices", slices.isEmpty ? nil : .list(slices.map(\.document))),
            ("modules", modules.isEmpty ? nil : .map(modules.map { ($0.name, $0.document) })),
            ("parameters", options.isEmpty ? nil : .map(options)),
            ("dtype", (dtype?.rawValue).map(DocumentValue.text)),
            ("out_dtype", (outDtype?.rawValue).map(DocumentValue.text)),
            ("tokenizer_source", tokenizerSource?.document),
            ("tokenizer", tokenizer?.document),
            ("chat_template", chatTemplate?.document),
        ])
    }

    /// Methods that draw numbers.
    private static let random: Set = ["dare_linear", "dare_ties", "della", "della_linear"]

    /// What mergekit reads, by method.
    private static let mergekitOptions: [String: Set<String>] = [
        "linear": ["weight", "normalize"],
        "slerp": ["t"],
        "nuslerp": ["weight", "nuslerp_flatten", "nuslerp_row_wise"],
        "multislerp": ["weight", "normalize_weights", "eps"],
        "karcher": ["max_iter", "tol"],
        "passthrough": ["scale"],
        "model_stock": ["filter_wise"],
        "nearswap": ["t"],
        "arcee_fusion": [],
        "task_arithmetic": ["weight", "normalize", "lambda"],
        "ties": ["weight", "density", "normalize", "lambda", "rescale"],
        "dare_linear": ["weight", "density", "normalize", "lambda", "rescale"],
        "dare_ties": ["weight", "density", "normalize", "lambda", "rescale"],
        "breadcrumbs": ["weight", "density", "gamma", "normalize", "lambda", "rescale"],
        "breadcrumbs_ties": ["weight", "density", "gamma", "normalize", "lambda", "rescale"],
        "della": ["weight", "density", "epsilon", "normalize", "lambda", "rescale"],
        "della_linear": ["weight", "density", "epsilon", "normalize", "lambda", "rescale"],
        "sce": ["select_topk"],
        "ram": ["epsilon"],
        "ramplus_tl": ["epsilon", "r", "alpha"],
    ]
}
