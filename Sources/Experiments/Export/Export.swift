public import FoundationEssentials
internal import Checkpoints
public import Merging
public import Tensors

/// `merganser export`: writes a learned merge as an ordinary model directory.
public enum Export {
    /// Writes `θ₀ + Σₖ λₖ·τₖ`, by the same code that writes a merge by rule.
    ///
    /// The base's tensors and configuration, the encoder merged; or with a task, the expert's: under
    /// its names, with its head, ready for `AutoModelForSequenceClassification.from_pretrained`. A head
    /// that the recipe puts in a classifier's place is written as the classifier; one behind a model
    /// without classifier belongs to no class of transformers and is left out.
    ///
    /// The vectors are those that the recipe's method prepares, unless they are there already. The
    /// model card shows the results, and the commands that made the model. The output is there in
    /// full or not at all.
    @discardableResult
    public static func write(
        _ coefficients: Coefficients,
        of setup: MergeSetup,
        vectors: (any TaskVectors)? = nil,
        task: String? = nil,
        to output: URL,
        _ options: OutputOptions = OutputOptions(),
        results: [TaskEvaluation] = [],
        commands: [[String]] = [["merganser", "merge", "recipe.yml", "OUTPUT"]],
        workers: Workers = .all,
        observer: Observer = Observer()
    ) throws -> WrittenModel {
        let recipe = setup.recipe
        try check(coefficients, against: setup.pool)
        let vectors = try vectors ?? setup.vectors(workers)
        let type = recipe.outDtype ?? recipe.dtype
        let blocks = MergedBlocks(
            of: setup.pool,
            by: coefficients.plan(vectors),
            storedAs: type.map(DType.init)
        )
        let layout = try layout(of: blocks, in: setup, for: task, observer)
        let models = try ([recipe.baseModel].compactMap(\.self) + recipe.experts).map {
            try SourceModel($0, base: recipe.baseModel)
        }
        let mergekit = try mergekitRecipe(coefficients, of: setup)
        return try MergedModel(
            blocks: blocks,
            tensors: layout.tensors,
            configuration: EditedJSON.configuration(
                layout.configuration,
                in: layout.directory,
                storedAs: type ?? layout.type
            ).data,
            mergekitRecipe: mergekit,
            card: ModelCard(
                method: MergeMethods.named(recipe.mergeMethod).card,
                models: models.map(\.reference.title),
                task: task,
                recipe: recipe.resolvedYAML(),
                remark: mergekit == nil ? nil : remark,
                results: results,
                commands: commands
            ),
            inputs: InputFiles.of(models)
                + [layout.headFile].compactMap(\.self).map { ("head/\($0.lastPathComponent)", $0) },
            companions: [layout.companions]
        ).write(to: output, options, workers: workers, observer: observer)
    }

    private static let remark = """
        `mergekit_config.yml` says the learned coefficients as task arithmetic in mergekit's schema.

        """

    private static func layout(
        of blocks: MergedBlocks,
        in setup: MergeSetup,
        for name: String?,
        _ observer: Observer
    ) throws -> ModelLayout {
        guard let name else { return try ModelLayout(base: setup.base, merged: blocks) }
        let tasks = setup.recipe.tasks
        guard let task = tasks.first(where: { $0.name == name }) else {
            throw ExportError.unknownTask(name, known: tasks.map(\.name))
        }
        let expert = try setup.savedExpert(answering: task, observer)
        return try ModelLayout(expert: expert, base: setup.base, merged: blocks)
    }

    /// The coefficients as task arithmetic in mergekit's schema, or `nil` where it cannot say them.
    ///
    /// For task vectors that are prepared the schema has no words; and what is learned around needs a
    /// model that mergekit lacks.
    private static func mergekitRecipe(
        _ coefficients: Coefficients,
        of setup: MergeSetup
    ) throws -> String? {
        guard setup.recipe.learning?.taskVectors == nil, setup.isAroundBase,
            let base = setup.recipe.baseModel
        else { return nil }
        let experts = zip(setup.recipe.experts, setup.experts).map { reference, expert in
            expert.member.lowRank == nil
                ? reference
                : ModelReference(base.model, adapter: reference.adapter ?? reference.model)
        }
        let checkpoint = try setup.base.checkpoint()
        let numbers = try checkpoint.names.map(checkpoint.view).filter(\.isFloatingPoint)
        let merged = Set(setup.pool.parameters.map(\.name))
        var recipe = coefficients.mergekitRecipe(
            base: base,
            experts: experts,
            unmerged: numbers.map(\.name).filter { !merged.contains($0) }
        )
        recipe.dtype = setup.recipe.dtype
        recipe.outDtype = setup.recipe.outDtype
        // mergekit computes in the format that it is told, else in the stored one, which may be
        // coarse. Where formats are mixed, there is nothing that keeps them and computes in float32.
        if recipe.dtype == nil, let stored = ElementType(common: numbers.map(\.dtype)) {
            recipe.dtype = .float32
            recipe.outDtype = recipe.outDtype ?? (stored == .float32 ? nil : stored)
        }
        return try recipe.mergekitYAML()
    }

    private static func check(_ coefficients: Coefficients, against pool: ModelPool) throws {
        guard coefficients.models == pool.experts else {
            throw ExportError.foreignCoefficients(
                reason: "they are of \(coefficients.models.joined(separator: ", ")), not of "
                    + pool.experts.joined(separator: ", ")
            )
        }
        let (mine, theirs) = (
            Set(pool.parameters.map(\.name)), Set(coefficients.groups.flatMap(\.parameters))
        )
        if let name = mine.symmetricDifference(theirs).min() {
            throw ExportError.foreignCoefficients(
                reason: mine.contains(name) ? "they have none for \(name)" : "there is no \(name)"
            )
        }
    }
}
