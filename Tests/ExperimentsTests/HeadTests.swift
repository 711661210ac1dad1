import Autograd
import Checkpoints
import Experiments
import Foundation
import Merging
import Synchronization
import Tensors
import TestSupport
import Testing
import Transformers

/// What `heads/clip` says of itself.
private struct HeadCase: Decodable {
    var base: String
    var models, classes, templates: [String]
    var coefficient: Float
    var tolerance, head_tolerance: Tolerance
}

private let clip = ReferenceCase.all("heads") { $0 == "clip" }[0]
private let learning = ReferenceCase.all("learn") { $0 == "clip-vision" }

/// A recipe over the models of a directory, with one task of each.
private func recipe(
    of directory: URL,
    base: String,
    models: [String],
    head: String
) throws -> Recipe {
    let root = directory.path
    let tasks = models.enumerated().map { index, model in
        let name = head.replacing("#", with: "\(index + 1)").replacing("ROOT", with: root)
        return "  - {name: \(model), \(name)}\n"
    }
    return try Recipe(
        RecipeDocument(
            "merge_method: adamerging\nbase_model: \(root)/\(base)\nmodels:\n"
                + models.map { "  - model: \(root)/\($0)\n" }.joined()
                + "tasks:\n" + tasks.joined()
        ),
        methods: MethodSignature.all
    )
}

extension MergeSetup {
    /// The merge with one row of coefficients for all parameters.
    fileprivate func merged(_ row: [Float]) -> MergedParameters {
        let table = pool.parameters.reduce(into: [:]) { $0[$1.name] = row }
        return MergedParameters(PlainTaskVectors(pool), coefficients: table)
    }

    fileprivate func expert(
        _ index: Int,
        cache: HeadCache = HeadCache(directory: nil),
        classNames: [String]? = nil
    ) throws -> TaskExpert {
        try expert(
            answering: recipe.tasks[index],
            classNames: { classNames },
            workers: Workers(2),
            cache: cache
        )
    }
}

@Suite struct `A head behind features` {
    @Test(arguments: learning)
    func `of a file gives the entropies of the reference`(reference: ReferenceCase) throws {
        struct Facts: Decodable {
            struct Task: Decodable { var inputs: String }
            var experts: [String]
            var tasks: [Task]
            var merged_parameters: [String]
        }
        struct Expected: Decodable {
            struct Family: Decodable { var task: Course }
            struct Course: Decodable { var step0: Start }
            struct Start: Decodable { var entropy_per_task: [Double] }
            struct Limits: Decodable { var losses: Double }
            var adamerging: Family
            var tolerance: Limits
        }
        let facts = try reference.json(Facts.self)
        let expected = try reference.json(Expected.self, "expected.json")
        let recipe = try recipe(
            of: reference.directory,
            base: "base",
            models: facts.experts,
            head: "data: ROOT/task-#.safetensors, head: ROOT/head-#.safetensors, "
                + "similarity: cosine"
        )
        let setup = try MergeSetup(recipe)
        #expect(Set(setup.pool.parameters.map(\.name)) == Set(facts.merged_parameters))
        let merged = setup.merged(facts.experts.map { _ in 0.3 })
        for (index, task) in facts.tasks.enumerated() {
            let input = try ModelInput(reference: reference.tensors(task.inputs))
            let model = try setup.expert(index).model(on: merged)
            let logits = try #require(try model(input)["logits"])
            let found = Double(logits.softmaxEntropy().mean().value[0])
            let wanted = expected.adamerging.task.step0.entropy_per_task[index]
            #expect(abs(found - wanted) <= expected.tolerance.losses)
        }
    }

    @Test(arguments: learning)
    func `of a file learns from pictures as the reference does`(reference: ReferenceCase) throws {
        struct Facts: Decodable { var experts: [String] }
        struct Expected: Decodable {
            struct Family: Decodable { var tensor: Course }
            struct Course: Decodable { var entropy_per_task: [[Double]] }
            struct Limits: Decodable { var losses: Double }
            var adamerging: Family
            var tolerance: Limits
        }
        struct Entry: Decodable { var entropy: [String: Double] }
        let facts = try reference.json(Facts.self)
        let expected = try reference.json(Expected.self, "expected.json")
        var recipe = try recipe(
            of: reference.directory,
            base: "base",
            models: facts.experts,
            head: "data: ROOT/task-#.safetensors, head: ROOT/head-#.safetensors, "
                + "similarity: cosine"
        )
        recipe.learning?.steps = 10
        recipe.learning?.batchSize = 100
        recipe.learning?.optimizer.learningRate = 0.01
        let folder = try WorkingFolder()
        _ = try Learning.run(recipe, in: folder["run"], workers: Workers(2))
        let history = try String(contentsOf: folder["run/history.jsonl"], encoding: .utf8)
        let lines = history.split(separator: "\n")
        #expect(lines.count == expected.adamerging.tensor.entropy_per_task.count)
        for (line, wanted) in zip(lines, expected.adamerging.tensor.entropy_per_task) {
            let entry = try JSONDecoder().decode(Entry.self, from: Data(line.utf8))
            for (name, wanted) in zip(facts.experts, wanted) {
                let found = try #require(entry.entropy[name])
                #expect(abs(found - wanted) <= expected.tolerance.losses)
            }
        }
    }

    @Test func `of prompts answers for a whole CLIP, a lone tower and an adapter`() throws {
        let facts = try clip.json(HeadCase.self)
        let recipe = try recipe(
            of: clip.directory,
            base: facts.base,
            models: facts.models,
            head: "data: ROOT/inputs.safetensors, prompts: {templates: "
                + "[\"\(facts.templates.joined(separator: "\", \""))\"], "
                + "classes: [\(facts.classes.joined(separator: ", "))]}"
        )
        let setup = try MergeSetup(recipe)
        #expect(
            setup.pool.parameters.allSatisfy {
                $0.name.hasPrefix("vision_model.") || $0.name == "visual_projection.weight"
            }
        )
        let folder = try WorkingFolder()
        let cache = HeadCache(directory: folder["heads"])
        let pixels = try clip.tensors("inputs.safetensors").view("pixel_values").tensor()
        let expected = try clip.tensors("expected.safetensors")
        func check(_ name: String, _ row: [Float], by index: Int) throws {
            let expert = try setup.expert(index, cache: cache)
            #expect(expert.classNames == facts.classes)
            let model = try expert.model(on: setup.merged(row))
            let found = try #require(try model(.pixels(pixels))["logits"]).value
            let wanted = try expected.view(name).tensor()
            #expect(found.shape == wanted.shape)
            #expect(
                facts.tolerance.excess(of: found.elements, over: wanted.elements) <= 0,
                "\(name) by \(facts.models[index])"
            )
        }
        for index in facts.models.indices {
            var own = facts.models.map { _ in Float(0) }
            try check("base", own, by: index)
            try check("merged", own.map { _ in facts.coefficient }, by: index)
            own[index] = 1
            try check(facts.models[index], own, by: index)
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder["heads"].path)
        #expect(files.count == 1)
        let file = folder["heads/\(files[0])"]
        let head = try Checkpoint(at: file).view("weight").tensor().elements
        let wanted = try clip.tensors("head.safetensors").view("weight").tensor().elements
        #expect(facts.head_tolerance.excess(of: head, over: wanted) <= 0)

        // What is broken in the cache is made again; a cache that cannot be, is done without.
        try Data("{}".utf8).write(to: file)
        try check("base", facts.models.map { _ in 0 }, by: 0)
        #expect(try Checkpoint(at: file).view("weight").tensor().elements == head)
        let nowhere = HeadCache(directory: file.appending(path: "below a file"))
        _ = try setup.expert(0, cache: nowhere)
    }

    @Test func `keeps to the cache of the user`() {
        #expect(
            HeadCache(environment: ["XDG_CACHE_HOME": "/c", "HOME": "/h"]).directory?.path
                == "/c/merganser/heads"
        )
        #expect(
            HeadCache(environment: ["XDG_CACHE_HOME": "c", "HOME": "/h"]).directory?.path
                == "/h/.cache/merganser/heads"
        )
        #expect(HeadCache(environment: [:]).directory == nil)
    }

    @Test func `merges only the towers of lone towers`() throws {
        let recipe = try recipe(
            of: clip.directory,
            base: "base",
            models: ["expert-1"],
            head: "data: ROOT/inputs.safetensors, head: ROOT/head.safetensors, "
                + "similarity: cosine"
        )
        let setup = try MergeSetup(recipe)
        #expect(setup.pool.parameters.allSatisfy { $0.name.hasPrefix("vision_model.") })
        let names = try clip.tensors("expert-1/model.safetensors").names
        #expect(setup.pool.parameters.count == names.count)
    }

    @Test func `is left out of the model that is written, in one sentence`() throws {
        let recipe = try recipe(
            of: clip.directory,
            base: "base",
            models: ["expert-1", "expert-2", "adapter"],
            head: "data: ROOT/inputs.safetensors, head: ROOT/head.safetensors, "
                + "similarity: cosine"
        )
        let setup = try MergeSetup(recipe)
        let coefficients = Coefficients(
            .task,
            models: setup.pool.experts,
            parameters: setup.pool.parameters.map(\.name),
            initial: 0.3
        )
        let folder = try WorkingFolder()
        let saved = ["expert-1": "expert-1", "expert-2": "expert-2", "adapter": "base"]
        for (task, source) in saved.sorted(by: { $0.key < $1.key }) {
            let sentences = Mutex<[String]>([])
            let output = folder[task]
            try Export.write(
                coefficients,
                of: setup,
                task: task,
                to: output,
                observer: Observer(warn: { sentence in sentences.withLock { $0.append(sentence) } })
            )
            let said = sentences.withLock { $0 }
            #expect(said.count == 1 && said[0].contains("written without it"))
            let found = try Checkpoint(at: output)
            let origin = try clip.tensors("\(source)/model.safetensors")
            #expect(Set(found.names) == Set(origin.names))
            for name in origin.names where name.hasPrefix("text_") || name == "logit_scale" {
                let (mine, its) = (try found.view(name), try origin.view(name))
                #expect(try mine.tensor().elements == its.tensor().elements)
            }
            let keys = try ModelDirectory(output).configuration
            let architecture = try Architectures.of(configuration: #require(keys)).name
            #expect(architecture == (task == "expert-1" ? "CLIPVisionModel" : "CLIPModel"))
        }
    }
}
