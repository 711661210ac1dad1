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
            learning = signature?.learning.map { .read(parameters, defaults: $0) }
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
        tasks = Self.tasks(
            map,
            experts,
            of: signature,
            statistics: models + modules.flatMap(\.models)
        )
        Self.ignored.forEach(map.ignore)

        map.finish(with: parameters)
        guard reading.problems.isEmpty else { throw reading.error }
    }

    /// Keys of the top level that make no difference here: the name that mergekit's tools for many
    /// recipes give to one of them, and an option that some write at the top.
    private static let ignored = ["name", "int8_mask"]

    /// The tasks that are listed, or one for each expert if the method needs data.
    private static func tasks(
        _ map: MapReader,
        _ experts: [ModelReference],
        of signature: MethodSignature?,
        statistics models: [RecipeModel]
    ) -> [RecipeTask] {
        let needsTasks = signature?.needsTasks ?? false
        let list = map["tasks"]
        var tasks = needsTasks ? experts.map { RecipeTask($0.name, model: $0) } : []
        var places = tasks.map { _ in map.origin }
        if let list {
            guard case .list(let values) = list.value.content else {
                list.mismatch("a list of tasks")
                return []
            }
            if values.isEmpty { list.report(.empty("tasks")) }
            (tasks, places) = ([], [])
            for (index, value) in values.enumerated() {
                let path = list.path.appending(index)
                let reader = ValueReader(value: value, path: path, reading: map.reading)
                guard let task = RecipeTask.read(reader, at: index, among: experts) else {
                    continue
                }
                tasks.append(task)
                places.append(value.origin)
            }
        }
        var names: Set<String> = []
        for (task, place) in zip(tasks, places) {
            if !names.insert(task.name).inserted {
                map.reading.report(.duplicateTask(task.name), at: map.path, place)
            }
            let collected = models.contains { $0.reference == task.model && $0.statistics != nil }
            if needsTasks, task.data == nil, !collected {
                map.reading.report(.taskWithoutData(task.name), at: map.path, place)
            }
        }
        return tasks
    }
}

extension ValueReader {
    fileprivate func method(among methods: [String: MethodSignature]) -> String? {
        guard let name = text("the name of a merge method") else { return nil }
        if methods[name] != nil { return name }
        let nearest = Spelling.nearest(to: name, among: methods.keys)
        let known = methods.keys.sorted()
        report(.unknownName(kind: "merge method", name, nearest: nearest, known: known))
        return nil
    }
}
