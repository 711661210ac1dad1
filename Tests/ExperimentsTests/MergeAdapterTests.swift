import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import TestSupport
import Testing

private let fixture = Golden.repository.appending(path: "Tests/Fixtures/adapter/bert")

@Suite struct `An adapter merges as its densified twin` {
    private let base = fixture.appending(path: "base")
    private let adapter = fixture.appending(path: "adapter")
    /// B·A is summed in another order here and there.
    private let rounding = Tolerance(absolute: 1e-6)
    /// Methods that amplify the difference of last places.
    ///
    /// What lifts small singular values lifts rounding with them: the two forms, 10⁻⁷ apart, merge
    /// to matrices 2·10⁻⁶ apart in exact arithmetic (numpy, in double). Equations amplify that of
    /// their Gram matrices, which are collected here, by their condition.
    private let amplified = [
        "iso_cts": Tolerance(absolute: 5e-6), "subspace_boosting": Tolerance(absolute: 5e-6),
        "regmean_plusplus": Tolerance(absolute: 2e-5),
    ]

    /// The adapter's model with all its weights, as PEFT computed them.
    private func twin(of base: URL, _ folder: ModelFolder) throws -> URL {
        let dense = try Checkpoint(at: fixture.appending(path: "expected_weights.safetensors"))
        let replaced = try #require(try ModelDirectory(adapter).adapter()).replaced
        return try folder.copy(base, as: "twin") {
            .stored(dense[$0.name] ?? replaced[$0.name] ?? $0)
        }
    }

    @Test(arguments: MergeMethods.all.map(\.card.name))
    func `by every method`(name: String) throws { try expectTwins(by: name) }

    @Test(
        arguments: MergeMethods.all.filter { method in
            method.card.options.contains { $0.name == "qkv" }
        }.map(\.card.name)
    )
    func `with the projections of attention as one matrix`(name: String) throws {
        try expectTwins(by: name, ["qkv": "packed"])
    }

    private func expectTwins(by name: String, _ options: [String: String] = [:]) throws {
        let folder = try ModelFolder()
        let other = try folder.copy(base, as: "other") { view in
            .floats(try view.tensor() * 1.25)
        }
        let experts = [[adapter, other], [try twin(of: base, folder), other]]
        for (number, models) in experts.enumerated() {
            try MergeMethods.named(name).write(
                base: base,
                models,
                weights: [0.7, 0.4],
                names: options,
                to: folder.file("\(number)")
            )
        }
        try expectEqual(
            Checkpoint(at: folder.file("0")),
            Checkpoint(at: folder.file("1")),
            within: amplified[name] ?? rounding
        )
    }

    @Test(arguments: ["linear", "task_arithmetic", "ties"], ElementType.allCases)
    func `rounded to a format after it is added`(name: String, type: ElementType) throws {
        let folder = try ModelFolder()
        for (number, model) in [adapter, try twin(of: base, folder)].enumerated() {
            var recipe = Recipe(name, base: base, [model], weights: [1])
            (recipe.dtype, recipe.outDtype) = (type, .float32)
            try Merge.run(recipe, to: folder.file("\(number)"))
        }
        let step: Double = type == .bfloat16 ? 0x1p-8 : type == .float16 ? 0x1p-11 : 0
        // A sum that PEFT rounded otherwise in its last place may fall to the next number.
        try expectEqual(
            Checkpoint(at: folder.file("0")),
            Checkpoint(at: folder.file("1")),
            within: Tolerance(absolute: 1e-6, relative: 2 * step)
        )
        // Alone and in full, an expert is itself, rounded.
        let merged = try Checkpoint(at: folder.file("1"))
        for name in merged.names where type == .bfloat16 {
            for element in try merged.view(name).tensor().elements {
                #expect(element.bitPattern & 0xFFFF == 0 || name != "linear")
            }
        }
    }

    @Test func `over a model that is not the base`() throws {
        let folder = try ModelFolder()
        // Another model, which the adapter was trained on; the base is a third.
        let own = try folder.copy(base, as: "own") { .stored($0) }
        let third = try folder.copy(base, as: "third") { view in
            .floats(try view.tensor() * 0.5)
        }
        let laidOver = ModelReference(
            .init(.directory(own.path)),
            adapter: .init(.directory(adapter.path))
        )
        for (number, reference) in [laidOver, ModelReference(try twin(of: own, folder))]
            .enumerated()
        {
            for (name, base) in [("linear", nil), ("linear", third), ("task_arithmetic", third)] {
                let recipe = Recipe(
                    mergeMethod: name,
                    baseModel: base.map { ModelReference($0) },
                    models: [
                        RecipeModel(reference, parameters: ["weight": .scalar(0.5)]),
                        RecipeModel(ModelReference(own), parameters: ["weight": .scalar(0.5)]),
                    ]
                )
                try Merge.run(recipe, to: folder.file("\(name)-\(base == nil)-\(number)"))
            }
        }
        for name in ["linear-true", "linear-false", "task_arithmetic-false"] {
            try expectEqual(
                Checkpoint(at: folder.file("\(name)-0")),
                Checkpoint(at: folder.file("\(name)-1")),
                within: rounding
            )
        }
    }

    @Test func `only with the model it was trained on`() throws {
        let folder = try ModelFolder()
        #expect(throws: MergeError.adapterWithoutBase) {
            try Merge.run(
                Recipe("linear", base: nil, [adapter], weights: [1]),
                to: folder.file("merged")
            )
        }
        #expect(throws: ExportError.adaptedBase(adapter.path)) {
            try Merge.run(
                Recipe("task_arithmetic", base: adapter, [base], weights: [1]),
                to: folder.file("merged")
            )
        }
    }
}
