public import FoundationEssentials

extension Recipe {
    /// Reads a recipe from a file, and applies overrides of the form `key.path=value`.
    ///
    /// - Parameters:
    ///   - file: the recipe.
    ///   - overrides: what replaces values of the file, in this order.
    ///   - methods: the merge methods there are, by name.
    ///   - workingDirectory: where paths are tried that lead nowhere beside the recipe; by default
    ///     that of the process.
    /// - Throws: ``RecipeError`` with everything that is wrong.
    public init(
        contentsOf file: URL,
        overrides: [String] = [],
        methods: [String: MethodSignature],
        workingDirectory: URL? = nil
    ) throws {
        let document = try RecipeDocument(contentsOf: file, overrides: overrides)
        try self.init(document, methods: methods, workingDirectory: workingDirectory)
    }

    /// Reads a recipe from a document.
    ///
    /// - Parameters:
    ///   - document: the recipe as it is written.
    ///   - methods: the merge methods there are, by name.
    ///   - workingDirectory: where paths are tried that lead nowhere beside the recipe; by default
    ///     that of the process.
    /// - Throws: ``RecipeError`` with everything that is wrong.
    public init(
        _ document: RecipeDocument,
        methods: [String: MethodSignature],
        workingDirectory: URL? = nil
    ) throws {
        let reading = RecipeReading(document, workingDirectory: workingDirectory)
        guard let map = reading.root else { throw reading.error }
        let method = map.required("merge_method")?.method(among: methods)
        let signature = method.flatMap { methods[$0] }
        let options = OptionReader(signature: signature)
        let parameters = map.map("parameters")

        self.init(mergeMethod: method ?? "", models: [])
        source = document.file
        baseModel = map["base_model"]?.model()
        let layout = map.layout(["models", "slices", "modules"])
        models = layout["models"]?.filledList(of: "models") { .read($0, options) } ?? []
        slices = layout["slices"]?.filledList(of: "slices") { .read($0, options) } ?? []
        modules =
            layout["modules"]?.filledEntries(of: "modules")?
            .compactMap { .read($0.name, $0.value, options) } ?? []
        if let parameters {
            learning = signature?.learning.map { .read(parameters, defaults: $0, methods: methods) }
            self.parameters = options.completed(options.unfinished(parameters))
        }
        dtype = map["dtype"]?.elementType()
        outDtype = map["out_dtype"]?.elementType()
        tokenizerSource = map["tokenizer_source"]?.tokenizerSource()
        tokenizer = map["tokenizer"]?.tokenizer()
        if tokenizerSource != nil, let tokenizer = map["tokenizer"] {
            tokenizer.report(.noEffect(condition: "without `tokenizer_source`"))
        }
        chatTemplate = map["chat_template"]?.chatTemplate()
        seed = map["seed"]?.seed() ?? 0
        tasks = readTasks(map, needsData: signature?.needsTasks ?? false)
        Self.ignored.forEach(map.ignore)

        map.finish(with: parameters)
        guard reading.problems.isEmpty else { throw reading.error }
    }

    /// Keys of the top level that make no difference here: the name that mergekit's tools for many
    /// recipes give to one of them, and an option that some write at the top.
    private static let ignored = ["name", "int8_mask"]

    /// The tasks that are listed, or one for each expert if the method needs data.
    private func readTasks(_ map: MapReader, needsData: Bool) -> [RecipeTask] {
        let experts = experts
        let models = models + modules.flatMap(\.models)
        let collected = Set(models.filter { $0.statistics != nil }.map(\.reference))
        var names: Set<String> = []

        /// Checks what only shows beside the other tasks.
        func check(_ task: RecipeTask, hasData: Bool, _ origin: DocumentOrigin) {
            if !names.insert(task.name).inserted {
                map.reading.report(.duplicateTask(task.name), at: map.path, origin)
            }
            if needsData, !hasData, !collected.contains(task.model) {
                map.reading.report(.taskWithoutData(task.name), at: map.path, origin)
            }
        }

        guard let list = map["tasks"] else {
            let tasks = needsData ? experts.map { RecipeTask($0.name, model: $0) } : []
            for task in tasks { check(task, hasData: false, map.origin) }
            return tasks
        }
        var position = 0
        let tasks = list.filledList(of: "tasks") { value in
            defer { position += 1 }
            guard let own = value.map(),
                let task = RecipeTask.read(own, at: position, among: experts)
            else { return nil as RecipeTask? }
            check(task, hasData: own["data"] != nil, own.origin)
            return task
        }
        return tasks ?? []
    }
}

extension ValueReader {
    func method(among methods: [String: MethodSignature]) -> String? {
        guard let name = text("the name of a merge method") else { return nil }
        if methods[name] != nil { return name }
        let nearest = Spelling.nearest(to: name, among: methods.keys)
        let known = methods.keys.sorted()
        report(.unknownName(kind: "merge method", name, nearest: nearest, known: known))
        return nil
    }
}
