internal import Autograd
internal import Checkpoints
internal import Foundation
internal import Tasks
internal import Tensors
internal import Transformers

/// A recipe with its model and data opened: everything that does not change while it runs.
struct FinetuneSetup: Sendable {
    let recipe: FinetuneRecipe
    let data: FinetuneData
    let model: LearnedModel
    let encoder: ExampleEncoder
    /// The number of steps.
    let steps: Int
    let options: FinetuneTrainer.Options

    init(_ recipe: FinetuneRecipe) throws {
        let base = try BaseModel(recipe.baseModel)
        let data = try FinetuneData(recipe.task, base: base)
        let classifier = try ClassifierBase(base, labels: data.classes)
        (self.recipe, self.data) = (recipe, data)
        model =
            try recipe.lora.map { try LearnedModel(classifier, adapter: $0) }
            ?? LearnedModel(full: classifier)
        encoder = try ExampleEncoder(
            for: classifier.architecture,
            configuration: classifier.configuration,
            in: [classifier.directory.url],
            data: recipe.task.data
        )
        steps = try recipe.length.steps(
            examples: data.training.count,
            batchSize: recipe.batchSize
        )
        var undecayed = recipe.optimizer
        undecayed.weightDecay = 0
        options = FinetuneTrainer.Options(
            optimizer: Optimizer(recipe.optimizer),
            undecayed: Optimizer(undecayed),
            schedule: Schedule(
                recipe.schedule,
                peak: recipe.optimizer.learningRate,
                steps: steps
            ),
            gradientClip: recipe.schedule.gradientClip
        )
    }

    /// Every file that the result depends on.
    var inputs: [URL] {
        let directory = model.base.directory.url
        let files = (try? model.base.directory.checkpoint().files) ?? []
        let others = (["config.json"] + model.base.directory.companions.files).map {
            directory.appending(path: $0)
        }
        return data.files + files
            + others.filter { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// Examples as the model reads them, without those that are broken, and their labels.
    func encode(
        _ examples: LabeledExamples,
        workers: Workers,
        observer: Observer
    ) throws -> EncodedAnswers {
        let encoded = try encoder.encode(
            examples.examples,
            of: "\(examples.examples.selection.reference)",
            workers: workers,
            observer: observer
        )
        return EncodedAnswers(
            inputs: encoded,
            labels: examples.labels.leavingOut(encoded.skipped)
        )
    }

    /// The examples of a step, in pieces that depend on them alone.
    func batch(at step: Int, of examples: EncodedAnswers) -> [FinetuneTrainer.Piece] {
        let batch = BatchOrder(
            seed: recipe.seed,
            task: recipe.task.name,
            count: examples.inputs.count,
            batchSize: recipe.batchSize
        ).batch(step: step)
        return examples.inputs.microBatches(of: batch).map { piece in
            FinetuneTrainer.Piece(
                inputs: piece,
                labels: piece.positions.map { examples.labels[batch[$0]] }
            )
        }
    }

    /// The scores of the classifier on the encoded evaluation split, with given values of what is
    /// learned.
    func score(
        _ values: [String: Tensor],
        on examples: EncodedAnswers,
        workers: Workers,
        progress: @escaping @Sendable (Int) -> Void
    ) throws -> Scores {
        let classifier = try model.base.architecture.model(
            configuration: model.base.configuration,
            from: model.parameters(values, tracked: false, on: workers)
        )
        let logits = try Predictions.logits(
            of: classifier,
            on: examples.inputs,
            workers: workers,
            progress: progress
        )
        return Scores(Answers(logits: logits, labels: examples.labels))
    }

    func result(
        _ parameters: [LearnedParameter],
        _ history: [FinetuneRecord],
        _ scores: Scores
    ) -> FinetuneResult {
        FinetuneResult(
            task: recipe.task.name,
            steps: steps,
            parameters: parameters.reduce(0) { $0 + $1.shape.reduce(1, *) },
            seconds: history.reduce(0) { $0 + $1.seconds },
            classes: data.classes,
            examples: data.training.count,
            split: "\(data.evaluation.examples.selection.reference)",
            seen: data.seen,
            scores: scores
        )
    }
}

/// Examples as the model reads them, with their labels.
struct EncodedAnswers: Sendable {
    let inputs: EncodedExamples
    let labels: [Int32]
}

extension FinetuneRecipe {
    /// Throws where the recipe asks for what fine-tuning does not do.
    func checkForFinetuning() throws(FinetuneError) {
        if task.head != TaskHead() { throw .fixedHead }
        if let dropout = lora?.dropout, dropout != 0 { throw .dropout(dropout) }
    }
}

extension FinetuneRecipe.Length {
    /// The number of steps: whole batches, the last of which may reach into the next epoch.
    fileprivate func steps(examples: Int, batchSize: Int) throws(FinetuneError) -> Int {
        switch self {
        case .steps(let steps): return steps
        case .epochs(let epochs):
            let steps = epochs * Double(examples) / Double(min(batchSize, examples))
            guard steps < 1e9 else { throw .tooManySteps(epochs) }
            return max(1, Int(steps.rounded(.up)))
        }
    }
}
