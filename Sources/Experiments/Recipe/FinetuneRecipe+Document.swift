public import FoundationEssentials

// MARK: Reading

extension FinetuneRecipe {
    /// Reads a recipe from a file, and applies overrides of the form `key.path=value`.
    ///
    /// - Parameters:
    ///   - file: the recipe.
    ///   - overrides: what replaces values of the file, in this order.
    ///   - workingDirectory: where paths are tried that lead nowhere beside the recipe; by default
    ///     that of the process.
    /// - Throws: ``RecipeError`` with everything that is wrong.
    public init(
        contentsOf file: URL,
        overrides: [String] = [],
        workingDirectory: URL? = nil
    ) throws {
        let document = try RecipeDocument(contentsOf: file, overrides: overrides)
        try self.init(document, workingDirectory: workingDirectory)
    }

    /// Reads a recipe from a document.
    ///
    /// - Parameters:
    ///   - document: the recipe as it is written.
    ///   - workingDirectory: where paths are tried that lead nowhere beside the recipe; by default
    ///     that of the process.
    /// - Throws: ``RecipeError`` with everything that is wrong.
    public init(_ document: RecipeDocument, workingDirectory: URL? = nil) throws {
        let reading = RecipeReading(document, workingDirectory: workingDirectory)
        guard let map = reading.root else { throw reading.error }
        let baseModel = map.required("base_model")?.model()
        let task = map.required("task").flatMap { FinetuneTask.read($0) }
        let lora = map["lora"].flatMap { LowRankParameters.read($0) }
        let parameters = map.map("parameters")
        let dtype = map["dtype"]?.elementType()
        let seed = map["seed"]?.seed() ?? 0

        // Without a model or a task there are problems, but there may be more to find.
        let nowhere = ModelReference(.init(.directory("/")))
        self.init(
            baseModel: baseModel ?? nowhere,
            task: task ?? FinetuneTask("", data: TaskData("/")),
            lora: lora
        )
        source = document.file
        (self.dtype, self.seed) = (dtype, seed)
        if let parameters { read(parameters) }

        map.finish(with: parameters)
        guard reading.problems.isEmpty else { throw reading.error }
    }

    private mutating func read(_ map: MapReader) {
        let found = ["epochs", "steps"].filter { map[$0] != nil }
        if found.count == 2 {
            map.reading.report(.oneOf(["epochs", "steps"], found: found), at: map.path, map.origin)
        }
        if let epochs = map["epochs"]?.number(.positive) { length = .epochs(epochs) }
        let steps = map["steps"]?.integer(atLeast: 1)
        if let steps { length = .steps(steps) }
        batchSize = map["batch_size"]?.integer(atLeast: 1) ?? batchSize
        optimizer = .read(map, defaults: optimizer)
        schedule = .read(map, defaults: schedule, steps: steps)
    }
}

extension FinetuneTask {
    fileprivate static func read(_ value: ValueReader) -> FinetuneTask? {
        guard let map = value.map() else { return nil }
        let name = map["name"]?.text()
        let data = map.required("data")?.data()
        let head = TaskHead.read(map)
        let train = map["train"]?.split()
        let evaluate = map["evaluate"]?.split()
        map.finish()
        guard let data else { return nil }
        let file = data.path.split(separator: "/").last.map(String.init) ?? data.path
        return FinetuneTask(
            name ?? file,
            data: data,
            head: head,
            train: train,
            evaluate: evaluate
        )
    }
}

extension LowRankParameters {
    fileprivate static func read(_ value: ValueReader) -> LowRankParameters? {
        guard let map = value.map() else { return nil }
        var lora = LowRankParameters()
        lora.rank = map["rank"]?.integer(atLeast: 1) ?? lora.rank
        lora.alpha = map["alpha"]?.number(.positive) ?? lora.alpha
        if let names = map["target_modules"]?.texts("names of modules") {
            lora.targets = names == ["all-linear"] ? .allLinear : .modules(names)
            if names.isEmpty { map["target_modules"]?.report(.empty("names of modules")) }
        }
        lora.dropout = map["dropout"]?.number(.belowOne) ?? lora.dropout
        lora.rankPattern =
            map["rank_pattern"]?.dictionary(of: "ranks") { $0.integer(atLeast: 1) } ?? [:]
        lora.alphaPattern =
            map["alpha_pattern"]?.dictionary(of: "numbers") { $0.number(.positive) } ?? [:]
        lora.modulesToSave = map["modules_to_save"]?.texts("names of modules") ?? []
        map.finish()
        return lora
    }
}

// MARK: Writing

extension FinetuneRecipe {
    /// The recipe as YAML: every default written out, absolute paths, always in the same order.
    ///
    /// Read again, it is an equal recipe.
    public func resolvedYAML() throws -> String {
        try document.yaml()
    }

    /// Where this recipe says something else than another.
    public func differences(from other: FinetuneRecipe) -> [RecipeDifference] {
        document.differences(from: other.document)
    }

    private var document: DocumentValue {
        .map([
            ("base_model", baseModel.document),
            ("task", task.document),
            (
                "parameters",
                .map(
                    [length.document, ("batch_size", .integer(batchSize))]
                        + optimizer.document + schedule.document
                )
            ),
            ("lora", lora?.document),
            ("dtype", (dtype?.rawValue).map(DocumentValue.text)),
            ("seed", .integer(seed)),
        ])
    }
}

extension FinetuneRecipe.Length {
    fileprivate var document: (key: String, value: DocumentValue?) {
        switch self {
        case .epochs(let epochs): ("epochs", .number(epochs))
        case .steps(let steps): ("steps", .integer(steps))
        }
    }
}

extension FinetuneTask {
    fileprivate var document: DocumentValue {
        .map(
            [("name", .text(name)), ("data", data.document)] + head.document + [
                ("train", train?.document), ("evaluate", evaluate?.document),
            ]
        )
    }
}

extension LowRankParameters {
    fileprivate var document: DocumentValue {
        .map([
            ("rank", .integer(rank)),
            ("alpha", .number(alpha)),
            ("target_modules", targets.document),
            ("dropout", .number(dropout)),
            ("rank_pattern", .map(sorted: rankPattern, DocumentValue.integer)),
            ("alpha_pattern", .map(sorted: alphaPattern, DocumentValue.number)),
            (
                "modules_to_save",
                modulesToSave.isEmpty ? nil : .list(modulesToSave.map(DocumentValue.text))
            ),
        ])
    }
}

extension LowRankParameters.Targets {
    fileprivate var document: DocumentValue {
        switch self {
        case .allLinear: .text("all-linear")
        case .modules(let names): .list(names.map(DocumentValue.text))
        }
    }
}
