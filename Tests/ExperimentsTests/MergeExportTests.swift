import Autograd
import Checkpoints
import Foundation
import Merging
import Tensors
import TestSupport
import Testing
import Transformers

@testable import Experiments

private let fixtures = Golden.repository.appending(path: "Tests/Fixtures")

extension Recipe {
    /// A learned merge whose coefficients a test makes up.
    fileprivate init(_ method: String, base: URL, experts: [URL], tasks: [RecipeTask] = []) {
        self.init(
            mergeMethod: method,
            baseModel: ModelReference(base),
            models: experts.map { RecipeModel(ModelReference($0)) },
            tasks: tasks,
            learning: MethodSignature.all[method]?.learning
        )
    }
}

extension MergeSetup {
    /// Coefficients that differ for every group and model.
    fileprivate func coefficients(_ granularity: Merging.Granularity) -> Coefficients {
        var result = Coefficients(
            granularity,
            models: pool.experts,
            parameters: pool.parameters.map(\.name),
            initial: 0
        )
        for group in result.groups.indices {
            for model in result.models.indices {
                result.lambda[group][model] = Float(group * 7 + model * 3 + 1) / 97 - 0.1
            }
        }
        return result
    }
}

@Suite struct `A learned merge that is written` {
    @Test(arguments: ["adamerging", "adamerging++"], Merging.Granularity.allCases)
    func `has the bits that learning saw`(
        method: String,
        granularity: Merging.Granularity
    ) throws {
        let folder = try ModelFolder()
        let setup = try MergeSetup(
            Recipe(method, base: FixtureModels.base, experts: FixtureModels.experts)
        )
        let vectors = try setup.vectors(Workers(2))
        let coefficients = setup.coefficients(granularity)
        let output = folder.file("merged")
        let written = try Export.write(coefficients, of: setup, vectors: vectors, to: output)
        #expect(written.tensors == setup.pool.parameters.count)
        let merged = MergedParameters(vectors, coefficients: coefficients.byParameter)
        let found = try Checkpoint(at: output)
        for parameter in setup.pool.parameters {
            let expected = try merged.parameter(named: parameter.name, shape: parameter.shape)
            #expect(
                try found.view(parameter.name).tensor().elements == expected.value.elements,
                "\(parameter.name)"
            )
        }
        let recipe = output.appending(path: "mergekit_config.yml")
        // mergekit has no words for trimmed and elected task vectors of one expert each.
        #expect(
            FileManager.default.fileExists(atPath: recipe.path) == (method == "adamerging")
        )
    }

    @Test(arguments: Merging.Granularity.allCases)
    func `is the merge that its mergekit_config.yml says`(
        granularity: Merging.Granularity
    ) throws {
        let folder = try ModelFolder()
        // A number of the base that belongs to no encoder, and stays as it is.
        let extra = (
            name: "embeddings.scale.weight", content: SafeTensors.Content.floats(Tensor(2))
        )
        let other = (name: extra.name, content: SafeTensors.Content.floats(Tensor(5)))
        for withExtra in [false, true] {
            let models = try ([FixtureModels.base] + FixtureModels.experts).enumerated().map {
                try folder.copy(
                    $0.element,
                    as: "\(withExtra)-\($0.offset)",
                    adding: withExtra ? [$0.offset == 0 ? extra : other] : []
                )
            }
            let setup = try MergeSetup(
                Recipe("adamerging", base: models[0], experts: Array(models[1...]))
            )
            let output = folder.file("\(withExtra)-learned")
            try Export.write(setup.coefficients(granularity), of: setup, to: output)
            let recipe = try Recipe(
                contentsOf: output.appending(path: "mergekit_config.yml"),
                methods: MethodSignature.all
            )
            #expect(recipe.mergeMethod == "task_arithmetic")
            let again = folder.file("\(withExtra)-rule")
            try Merge.run(recipe, to: again)
            // One product is rounded more where a weight is read from text: nothing is lost here.
            try expectEqual(
                Checkpoint(at: again),
                Checkpoint(at: output),
                within: Tolerance(absolute: 0)
            )
        }
    }

    @Test func `keeps short filters apart from longer names that hold them`() throws {
        let folder = try ModelFolder()
        // `encoder.layer.1.` is also a part of a name of a second tower.
        let names = [
            "encoder.layer.1.weight", "encoder.layer.1.bias", "vision.encoder.layer.1.weight",
            "encoder.layer.10.weight", "pooler.weight", "pooler.weight.scale",
        ]
        func model(_ name: String, _ value: Float) throws -> Checkpoint {
            let file = folder.file("\(name).safetensors")
            try SafeTensors.write(
                names.enumerated().map { ($1, .floats(Tensor(value * Float($0 + 1)))) },
                to: file
            )
            return try Checkpoint(at: file)
        }
        _ = try model("base", 1)
        let references = try ["one", "two"].map { name in
            _ = try model(name, 2)
            return ModelReference(folder.file(name))
        }
        for granularity in Merging.Granularity.allCases {
            var coefficients = Coefficients(
                granularity,
                models: ["one", "two"],
                parameters: names,
                initial: 0
            )
            for group in coefficients.groups.indices {
                coefficients.lambda[group] = [Float(group) + 0.1, -Float(group)]
            }
            let recipe = coefficients.mergekitRecipe(
                base: ModelReference(folder.file("base")),
                experts: references,
                unmerged: ["head.pooler.weight"]
            )
            for (column, reference) in references.enumerated() {
                let scopes = recipe.scopes(of: reference)
                for (name, row) in coefficients.byParameter {
                    let weight = try scopes.number("weight", tensor: name)
                    #expect(Float(weight) == row[column], "\(granularity) \(name)")
                }
                #expect(try scopes.number("weight", tensor: "head.pooler.weight") == 0)
            }
        }
    }

    @Test func `refuses coefficients of other models or parameters`() throws {
        let setup = try MergeSetup(
            Recipe("adamerging", base: FixtureModels.base, experts: FixtureModels.experts)
        )
        let names = setup.pool.parameters.map(\.name)
        let strangers = [
            Coefficients(.task, models: ["a", "b", "c"], parameters: names, initial: 0),
            Coefficients(
                .task,
                models: setup.pool.experts,
                parameters: Array(names.dropLast()),
                initial: 0
            ),
        ]
        for coefficients in strangers {
            #expect(throws: ExportError.self) {
                try Export.write(coefficients, of: setup, to: URL(filePath: "/nowhere/at/all"))
            }
        }
    }
}

@Suite struct `A learned merge with the head of a task` {
    /// The logits of a model directory, opened as any program would open it.
    private func logits(of directory: URL, _ batch: TokenBatch) throws -> [Float] {
        let configuration = try Data(contentsOf: directory.appending(path: "config.json"))
        let model = try Architectures.of(configuration: configuration).model(
            configuration: configuration,
            from: CheckpointParameters(try Checkpoint(at: directory), named: "merged")
        )
        return try #require(try model(.tokens(batch))["logits"]).value.elements
    }

    /// Writes every task's model and compares its logits with those that learning saw.
    private func check(_ setup: MergeSetup, inputs: [URL], _ folder: ModelFolder) throws {
        let coefficients = setup.coefficients(.tensor)
        for (index, task) in setup.recipe.tasks.enumerated() {
            let output = folder.file("merged-\(task.name)")
            try Export.write(coefficients, of: setup, task: task.name, to: output)
            let batch = try TokenBatch(reference: Checkpoint(at: inputs[index]))
            let merged = MergedParameters(
                PlainTaskVectors(setup.pool),
                coefficients: coefficients.byParameter
            )
            let model = try setup.experts[index].model(on: merged)
            let expected = try #require(try model(.tokens(batch))["logits"]).value.elements
            #expect(try logits(of: output, batch) == expected, "\(task.name)")
        }
    }

    private let folderOfLearn = fixtures.appending(path: "learn/bert")

    @Test func `and a merge by rule for tasks leave heads to their experts`() throws {
        let folder = try ModelFolder()
        let base = folderOfLearn.appending(path: "base")
        let experts = (1...2).map { folderOfLearn.appending(path: "expert-\($0)") }
        // The experts' classes differ in number, so nothing else could be done with their heads.
        var recipe = Recipe("linear", base: base, experts, weights: [1, 1])
        #expect(throws: MergeError.self) {
            try Merge.run(recipe, to: folder.file("all"), workers: Workers(1))
        }
        recipe.tasks = experts.map {
            RecipeTask($0.lastPathComponent, model: ModelReference($0))
        }
        try Merge.run(recipe, to: folder.file("trunk"), workers: Workers(1))
        let (found, own) = try (Checkpoint(at: folder.file("trunk")), Checkpoint(at: base))
        #expect(found.names.sorted() == own.names.sorted())
        let models = try experts.map { try Checkpoint(at: $0) }
        for name in own.names {
            let value = try found.view(name).tensor()
            if name.hasPrefix("classifier") {
                #expect(try value.elements == own.view(name).tensor().elements)
            } else if try own.view(name).isFloatingPoint {
                let sum = try models[0].view(name).tensor() + models[1].view(name).tensor()
                #expect((value - sum * 0.5).largestMagnitude < 1e-6, "\(name)")
            }
        }
    }

    @Test func `is the expert's model with a merged encoder`() throws {
        let folder = try ModelFolder()
        let experts = (1...2).map { folderOfLearn.appending(path: "expert-\($0)") }
        let setup = try MergeSetup(
            Recipe(
                "adamerging",
                base: folderOfLearn.appending(path: "base"),
                experts: experts,
                tasks: experts.map { RecipeTask($0.lastPathComponent, model: ModelReference($0)) }
            )
        )
        let inputs = (1...2).map { folderOfLearn.appending(path: "task-\($0).safetensors") }
        try check(setup, inputs: inputs, folder)
        for expert in experts {
            let output = folder.file("merged-\(expert.lastPathComponent)")
            let (found, own) = try (Checkpoint(at: output), Checkpoint(at: expert))
            #expect(found.names.sorted() == own.names.sorted())
            for name in own.names where name.hasPrefix("classifier") {
                #expect(try found.view(name).tensor().elements == own.view(name).tensor().elements)
            }
            #expect(
                try Data(contentsOf: output.appending(path: "config.json"))
                    == Data(contentsOf: expert.appending(path: "config.json"))
            )
        }
        let error = #expect(throws: ExportError.self) {
            try Export.write(
                setup.coefficients(.task),
                of: setup,
                task: "three",
                to: folder.file("merged-three")
            )
        }
        #expect(
            error?.description == "The recipe has no task three; its tasks are expert-1, expert-2."
        )
    }

    @Test func `has the names of its class where an adapter was trained on a bare encoder`() throws
    {
        let folder = try ModelFolder()
        let classifier = folderOfLearn.appending(path: "base")
        let base = try folder.copy(classifier, as: "encoder") { _ in nil }
        // The bare encoder: no prefix, no head, another class.
        let checkpoint = try Checkpoint(at: classifier)
        try SafeTensors.write(
            checkpoint.names.filter { $0.hasPrefix("bert.") }.map {
                (String($0.dropFirst(5)), .stored(try checkpoint.view($0)))
            },
            to: base.appending(path: "model.safetensors")
        )
        let json = try String(contentsOf: base.appending(path: "config.json"), encoding: .utf8)
        try json.replacing("BertForSequenceClassification", with: "BertModel")
            .write(to: base.appending(path: "config.json"), atomically: true, encoding: .utf8)

        let adapters = try [3, 4].map { labels in
            let module = "bert.encoder.layer.0.attention.self.query"
            let adapter = folder.file("adapter-\(labels)")
            try Adapter.write(
                [
                    .init(
                        module: module,
                        a: Tensor([2, 16], (0..<32).map { Float($0 % labels) / 16 }),
                        b: Tensor([16, 2], (0..<32).map { Float($0 % 5) / 16 }),
                        scale: 2
                    )
                ],
                replaced: [
                    ("classifier.weight", Tensor([labels, 16], repeating: 0.25)),
                    ("classifier.bias", Tensor([labels], (0..<labels).map { Float($0) })),
                ],
                configuration: AdapterConfiguration(),
                to: adapter
            )
            return adapter
        }
        let setup = try MergeSetup(
            Recipe(
                "adamerging",
                base: base,
                experts: adapters,
                tasks: adapters.map { RecipeTask($0.lastPathComponent, model: ModelReference($0)) }
            )
        )
        let inputs = (1...2).map { folderOfLearn.appending(path: "task-\($0).safetensors") }
        try check(setup, inputs: inputs, folder)
        let found = try Checkpoint(at: folder.file("merged-adapter-3"))
        #expect(found.names.allSatisfy { $0.hasPrefix("bert.") || $0.hasPrefix("classifier.") })
        #expect(try found.view("classifier.weight").shape == [3, 16])
    }
}
