import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import TestSupport
import Testing
import Transformers

private let bert = Golden.repository.appending(path: "Tests/Fixtures/learn/bert")
private let clip = Golden.repository.appending(path: "Tests/Fixtures/heads/clip")

extension WorkingFolder {
    /// Writes numbers as safetensors.
    fileprivate func write(_ tensors: [(name: String, tensor: Tensor)], to name: String) throws {
        let writer = try CheckpointWriter(
            file: self[name],
            tensors: tensors.map {
                TensorDeclaration(name: $0.name, dtype: .float32, shape: $0.tensor.shape)
            }
        )
        for (name, tensor) in tensors { try writer.write(name, tensor) }
        try writer.finish()
    }

    /// Writes the classifier of an expert as a head.
    fileprivate func writeClassifier(of expert: String, to name: String) throws {
        let model = try Checkpoint(at: bert.appending(path: expert))
        try write(
            [
                ("weight", model.view("classifier.weight").tensor()),
                ("bias", model.view("classifier.bias").tensor()),
            ],
            to: name
        )
    }
}

@Suite struct `A head in a classifier's place` {
    private func lambda(
        _ recipe: Recipe,
        in folder: WorkingFolder,
        _ name: String
    ) throws -> [Float] {
        _ = try Learning.run(recipe, in: folder[name], workers: Workers(2))
        return try Checkpoint(at: folder[name].appending(path: "trajectory.safetensors"))
            .view("lambda").tensor().elements
    }

    @Test func `that is the classifier's copy leads to the same bits`() throws {
        let folder = try WorkingFolder()
        try folder.writeClassifier(of: "expert-2", to: "head.safetensors")
        let head = folder["head.safetensors"].path
        let recipe = try learningRecipe(["tasks.two.head=\(head)"])
        let own = try lambda(learningRecipe(), in: folder, "own")
        #expect(try lambda(recipe, in: folder, "copy") == own)

        // The file is an input of the run, which does not go on with another in its place.
        let lock = try String(contentsOf: folder["copy/lock.json"], encoding: .utf8)
        #expect(lock.contains("head.safetensors"))
        try folder.write([("weight", Tensor([4, 16], repeating: 1))], to: "head.safetensors")
        #expect(throws: ExperimentError.self) { try lambda(recipe, in: folder, "copy") }
    }

    @Test func `says how many classes there are, and is written as the classifier`() throws {
        let folder = try WorkingFolder()
        let rows = Tensor([2, 16], (0..<32).map { Float($0) / 7 })
        try folder.write([("weight", rows)], to: "head.safetensors")
        let head = folder["head.safetensors"].path
        let setup = try MergeSetup(learningRecipe(["tasks.two.head=\(head)"]))
        let coefficients = Coefficients(
            .task,
            models: setup.pool.experts,
            parameters: setup.pool.parameters.map(\.name),
            initial: 0.3
        )
        try Export.write(coefficients, of: setup, task: "two", to: folder["model"])
        let model = try Checkpoint(at: folder["model"])
        #expect(try model.view("classifier.weight").tensor().elements == rows.elements)
        #expect(try model.view("classifier.bias").tensor().elements == [0, 0])
        // The configuration counts as many labels as the model has rows, or it would not open.
        _ = try RunnableModel(opening: folder["model"].path).transformer()
        let card = try String(contentsOf: folder["model/README.md"], encoding: .utf8)
        #expect(card.contains("head/head.safetensors"))
    }

    @Test func `stands behind the pooler of a bare encoder as in the classifier`() throws {
        let folder = try WorkingFolder()
        try folder.writeClassifier(of: "expert-2", to: "head.safetensors")
        let files = FileManager.default
        try files.copyItem(at: bert.appending(path: "expert-2"), to: folder["expert-2"])
        let file = folder["expert-2/config.json"]
        let json = try String(contentsOf: file, encoding: .utf8)
        try folder.write(
            json.replacing("BertForSequenceClassification", with: "BertModel"),
            to: "expert-2/config.json"
        )
        let changes = [
            "models.1.model=\(folder["expert-2"].path)",
            "tasks.two.head=\(folder["head.safetensors"].path)",
        ]
        let own = try lambda(learningRecipe(), in: folder, "own")
        #expect(try lambda(learningRecipe(changes), in: folder, "bare") == own)
        // Without a head nothing answers.
        #expect(
            throws: HeadError.noClassifier(
                task: "two",
                expert: "expert-2",
                architecture: "BertModel"
            )
        ) { try MergePlan(learningRecipe([changes[0]]), workers: Workers(1)) }
    }
}

@Suite struct `A head that does not fit is refused` {
    /// A file of tensors, what the task says beside it, and the error of the file at a path.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let tensors: [(name: String, tensor: Tensor)]
        var settings: [String] = []
        let error: @Sendable (String) -> HeadError
    }

    static let faults = [
        Fault(
            testDescription: "no weight",
            tensors: [("rows", .zeros([4, 16]))],
            error: { .noWeight(file: $0, found: ["rows"]) }
        ),
        Fault(
            testDescription: "no matrix",
            tensors: [("weight", .zeros([4]))],
            error: {
                .shape(file: $0, tensor: "weight", expected: "[classes, width]", found: [4])
            }
        ),
        Fault(
            testDescription: "another width",
            tensors: [("weight", .zeros([4, 15]))],
            error: {
                .width(head: $0, task: "two", expert: "expert-2", expected: 16, found: 15)
            }
        ),
        Fault(
            testDescription: "another number of biases",
            tensors: [("weight", .zeros([4, 16])), ("bias", .zeros([3]))],
            error: {
                .shape(
                    file: $0,
                    tensor: "bias",
                    expected: "[4], one number for each row of weight",
                    found: [3]
                )
            }
        ),
        Fault(
            testDescription: "not a number",
            tensors: [("weight", Tensor([1, 16], repeating: .nan))],
            error: { .notFinite(file: $0, tensor: "weight", position: 0) }
        ),
        Fault(
            testDescription: "a bias beside cosines",
            tensors: [("weight", .zeros([4, 16])), ("bias", .zeros([4]))],
            settings: ["tasks.two.similarity=cosine"],
            error: { .biasBesideCosine(file: $0) }
        ),
        Fault(
            testDescription: "a row without direction",
            tensors: [("weight", .zeros([4, 16]))],
            settings: ["tasks.two.similarity=cosine"],
            error: { .zeroRow(file: $0, row: 0) }
        ),
        Fault(
            testDescription: "cosines of a classifier",
            tensors: [("weight", Tensor([4, 16], repeating: 1))],
            settings: ["tasks.two.similarity=cosine"],
            error: { _ in
                .cosineOfClassifier(
                    task: "two",
                    expert: "expert-2",
                    architecture: "BertForSequenceClassification"
                )
            }
        ),
    ]

    @Test(arguments: faults)
    func `by plan, with the file and what to do`(fault: Fault) throws {
        let folder = try WorkingFolder()
        try folder.write(fault.tensors, to: "head.safetensors")
        let path = folder["head.safetensors"].path
        let recipe = try learningRecipe(["tasks.two.head=\(path)"] + fault.settings)
        #expect(throws: fault.error(path)) { try MergePlan(recipe, workers: Workers(1)) }
    }

    @Test func `where there is nothing to compare with, or nobody to make it`() throws {
        #expect(throws: HeadError.cosineWithoutHead(task: "two")) {
            try MergePlan(learningRecipe(["tasks.two.similarity=cosine"]), workers: Workers(1))
        }
        let prompts = ["tasks.two.similarity=dot", "tasks.two.prompts=[\"a {}\"]"]
        #expect(throws: HeadError.noClassNames(task: "two")) {
            try MergePlan(learningRecipe(prompts), workers: Workers(1))
        }
        let named = prompts.dropLast() + ["tasks.two.prompts=[duck, river]"]
        let places = ["base", "expert-2"].map { bert.appending(path: $0).path }
        #expect(throws: HeadError.noTextTower(task: "two", places: places)) {
            try MergePlan(learningRecipe(Array(named)), workers: Workers(1))
        }
        let open = named.dropLast() + ["tasks.two.prompts={templates: [a duck], classes: [duck]}"]
        #expect(throws: HeadError.noPlaceholder(task: "two", template: "a duck")) {
            try MergePlan(learningRecipe(Array(open)), workers: Workers(1))
        }
    }

    @Test func `where the tower has no tokenizer`() throws {
        let folder = try WorkingFolder()
        try FileManager.default.copyItem(at: clip, to: folder["clip"])
        try FileManager.default.removeItem(at: folder["clip/base/tokenizer.json"])
        let root = folder["clip"].path
        let recipe = try Recipe(
            RecipeDocument(
                """
                merge_method: adamerging
                base_model: \(root)/base
                models: [{model: \(root)/expert-1}]
                tasks: [{name: birds, data: \(root)/inputs.safetensors, prompts: [duck, river]}]
                """
            ),
            methods: MethodSignature.all
        )
        let places = ["\(root)/base", "\(root)/expert-1"]
        #expect(throws: HeadError.noTokenizer(task: "birds", places: places)) {
            try MergeSetup(recipe).expert(
                answering: recipe.tasks[0],
                classNames: { nil },
                workers: Workers(1),
                cache: HeadCache(directory: nil)
            )
        }
    }
}
