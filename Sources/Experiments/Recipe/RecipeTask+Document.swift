internal import Tasks

// MARK: Reading

extension RecipeTask {
    /// Reads a task; its model is by default the expert at its position.
    static func read(
        _ map: MapReader,
        at position: Int,
        among experts: [ModelReference]
    ) -> RecipeTask? {
        let name = map["name"]?.text()
        let own = map["model"]
        let isPlaced = experts.indices.contains(position)
        let model = own?.model() ?? (own == nil && isPlaced ? experts[position] : nil)
        if own == nil, !isPlaced {
            map.reading.report(.taskWithoutModel(models: experts.count), at: map.path, map.origin)
        }
        let data = map["data"]?.data()
        let head = TaskHead.read(map)
        let adapt = map["adapt"]?.split()
        let select = map["select"]?.split()
        let evaluate = map["evaluate"]?.split()
        let weight = map["weight"]?.number(.nonnegative) ?? 1
        map.finish()
        guard let model else { return nil }
        return RecipeTask(
            name ?? model.name,
            model: model,
            data: data,
            head: head,
            adapt: adapt,
            select: select,
            evaluate: evaluate,
            weight: weight
        )
    }
}

extension TaskHead {
    /// Reads the keys of a head from the map of a task.
    static func read(_ map: MapReader) -> TaskHead {
        let file = map["head"]?.file()
        let prompts = map["prompts"]?.prompts()
        if map["head"] != nil, let prompts = map["prompts"] {
            prompts.report(.noEffect(condition: "without `head`"))
        }
        let standard: Similarity = prompts == nil ? .dot : .cosine
        return TaskHead(
            file: file,
            similarity: map["similarity"]?.choice() ?? standard,
            prompts: prompts
        )
    }
}

extension ValueReader {
    /// The data of a task: a path, or a map with one.
    func data() -> TaskData? {
        guard case .map = value.content else { return file().map { TaskData($0) } }
        guard let map = map() else { return nil }
        let path = map.required("path")
        let file = path?.file()
        let format = map["format"]?.text()
        let text = map["text"]?.text()
        let textPair = map["text_pair"]?.text()
        let label = map["label"]?.text()
        let maxLength = map["max_length"]?.integer(atLeast: 1)
        let skipBroken = map["skip_broken"]?.boolean() ?? false
        let corruption = map["corruption"]?.number(.proportion) ?? 0
        map.finish()
        return file.map {
            TaskData(
                $0,
                format: format,
                text: text,
                textPair: textPair,
                label: label,
                maxLength: maxLength,
                skipBroken: skipBroken,
                corruption: corruption
            )
        }
    }

    /// Templates, texts of classes, or a map with both.
    fileprivate func prompts() -> TaskHead.Prompts? {
        if case .map = value.content {
            guard let map = map() else { return nil }
            let templates = map["templates"]?.texts()
            let classes = map["classes"]?.texts()
            map.finish()
            return TaskHead.Prompts(templates: templates ?? ["{}"], classes: classes ?? [])
        }
        guard let texts = texts("texts, or a map with `templates` and `classes`") else {
            return nil
        }
        let templates = texts.filter { $0.contains("{}") }
        if templates.isEmpty { return TaskHead.Prompts(classes: texts) }
        if templates.count == texts.count { return TaskHead.Prompts(templates: texts) }
        report(.mixedPrompts)
        return nil
    }
}

// MARK: Writing

extension RecipeTask {
    var document: DocumentValue {
        .map(
            [
                ("name", .text(name)),
                ("model", model.document),
                ("data", data?.document),
            ] + head.document + [
                ("adapt", adapt?.document),
                ("select", select?.document),
                ("evaluate", evaluate?.document),
                ("weight", .number(weight)),
            ]
        )
    }
}

extension SplitReference {
    var document: DocumentValue { .text(description) }
}

extension TaskHead {
    var document: [(key: String, value: DocumentValue?)] {
        [
            ("head", file.map(DocumentValue.text)),
            ("similarity", .text(similarity.rawValue)),
            ("prompts", prompts?.document),
        ]
    }
}

extension TaskHead.Prompts {
    fileprivate var document: DocumentValue {
        .map([
            ("templates", .list(templates.map(DocumentValue.text))),
            ("classes", classes.isEmpty ? nil : .list(classes.map(DocumentValue.text))),
        ])
    }
}

extension TaskData {
    var document: DocumentValue {
        .map([
            ("path", .text(path)),
            ("format", format.map(DocumentValue.text)),
            ("text", text.map(DocumentValue.text)),
            ("text_pair", textPair.map(DocumentValue.text)),
            ("label", label.map(DocumentValue.text)),
            ("max_length", maxLength.map(DocumentValue.integer)),
            ("skip_broken", skipBroken ? .boolean(true) : nil),
            ("corruption", corruption > 0 ? .number(corruption) : nil),
        ])
    }
}
