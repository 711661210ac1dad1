import Checkpoints
import Experiments
import Foundation
import Merging
import TestSupport
import Tensors
import Testing

private let weights = [0.5, 0.3, 0.4]

/// Laws of every merge method, and those that a method's card declares.
@Suite struct `Every merge method keeps the laws` {
    /// Rounding of averages: a few units in the last place of numbers of order 1.
    private let rounding = Tolerance(absolute: 1e-7, relative: 5e-7)

    /// Rounding of equations of which some are solved with a ridge of a millionth.
    private let solution = Tolerance(absolute: 1e-5)

    private func methods(with law: MethodCard.Law) -> [MergeMethod] {
        MergeMethods.all.filter { $0.card.laws.contains(law) }
    }

    @Test(arguments: MergeMethods.all.map(\.card.name))
    func `experts equal to the base give the base`(name: String) throws {
        let folder = try ModelFolder()
        let copies = try (0..<3).map {
            try folder.copy(FixtureModels.base, as: "copy-\($0)")
        }
        let output = folder.file("merged")
        let method = try MergeMethods.named(name)
        try method.write(base: FixtureModels.base, copies, weights: weights, to: output)
        // What is solved for is rounded.
        let isSolved = if case .blockByBlock = method.kind { true } else { false }
        let isExact = method.card.needs.contains(.base) && !isSolved
        try expectEqual(
            Checkpoint(at: output),
            Checkpoint(at: FixtureModels.base),
            within: isExact ? Tolerance(absolute: 0) : isSolved ? solution : rounding
        )
    }

    @Test(arguments: MergeMethods.all.map(\.card.name))
    func `names, shapes and formats survive, and what is no number is copied`(
        name: String
    ) throws {
        let folder = try ModelFolder()
        let buffer = (
            name: "embeddings.position_ids",
            content: SafeTensors.Content.integers([3, 1, 2], shape: [1, 3], .signed64)
        )
        let formats: [DType] = [.bfloat16, .float16, .float32, .float64]
        let models = try ([FixtureModels.base] + FixtureModels.experts).enumerated().map {
            number,
            model in
            try folder.copy(model, as: "model-\(number)", adding: [buffer]) { view in
                .rounded(try view.tensor(), formats[view.name.utf8.count % formats.count])
            }
        }
        let output = folder.file("merged")
        try MergeMethods.named(name)
            .write(base: models[0], Array(models[1...]), weights: weights, to: output)
        let (found, base) = try (Checkpoint(at: output), Checkpoint(at: models[0]))
        #expect(found.names.sorted() == base.names.sorted())
        for name in base.names {
            #expect(try found.view(name).dtype == base.view(name).dtype, "\(name)")
            #expect(try found.view(name).shape == base.view(name).shape, "\(name)")
        }
        #expect(try found.view("embeddings.position_ids").integers() == [3, 1, 2])
    }

    @Test(arguments: MergeMethods.all.map(\.card.name))
    func `any number of workers gives the same bytes`(name: String) throws {
        let folder = try ModelFolder()
        let method = try MergeMethods.named(name)
        let outputs = try [1, 1, 2, 7].enumerated().map { number, workers in
            let output = folder.file("merged-\(number)")
            try method.write(
                base: FixtureModels.base,
                FixtureModels.experts,
                weights: weights,
                to: output,
                workers: Workers(workers)
            )
            return try contents(of: output)
        }
        for output in outputs { #expect(output == outputs[0]) }
        #expect(outputs[0].keys.contains("model.safetensors"))
    }

    @Test(arguments: ["della", "della_linear"], ["rank", "magnitude"])
    func `any number of workers drops the same entries of whole tensors`(
        name: String,
        score: String
    ) throws {
        let folder = try ModelFolder()
        func merged(_ scope: String, _ workers: Int) throws -> Data? {
            let output = folder.file("\(scope)-\(workers)")
            var recipe = Recipe(
                name,
                base: FixtureModels.base,
                FixtureModels.experts,
                weights: weights,
                parameters: [
                    "density": .scalar(0.6), "score": .scalar(.text(score)),
                    "rank_scope": .scalar(.text(scope)),
                ]
            )
            recipe.seed = 3
            try Merge.run(recipe, to: output, workers: Workers(workers))
            return try contents(of: output)["model.safetensors"]
        }
        let one = try merged("tensor", 1)
        #expect(one != nil)
        for workers in [2, 7] { #expect(try merged("tensor", workers) == one) }
        #expect(try merged("row", 2) != one)
    }

    @Test func `copies of one model merge to that model`() throws {
        for method in methods(with: .copiesMergeToThemselves) {
            let folder = try ModelFolder()
            let copies = try (0..<3).map {
                try folder.copy(FixtureModels.experts[1], as: "copy-\($0)")
            }
            let output = folder.file("merged")
            try method.write(base: FixtureModels.base, copies, weights: weights, to: output)
            try expectEqual(
                Checkpoint(at: output),
                Checkpoint(at: FixtureModels.experts[1]),
                within: rounding
            )
        }
    }

    @Test func `the order of the models makes no difference`() throws {
        for method in methods(with: .orderDoesNotMatter) {
            let folder = try ModelFolder()
            let orders = [[0, 1, 2], [2, 1, 0]].map { order in
                order.filter { $0 < method.card.counts.upperBound }
            }
            for (number, order) in orders.enumerated() {
                try method.write(
                    base: FixtureModels.base,
                    order.map { FixtureModels.experts[$0] },
                    weights: order.map { weights[$0] },
                    to: folder.file("\(number)")
                )
            }
            try expectEqual(
                Checkpoint(at: folder.file("0")),
                Checkpoint(at: folder.file("1")),
                within: rounding
            )
        }
    }

    @Test func `zero weights give the base`() throws {
        for method in methods(with: .zeroWeightsGiveBase) {
            let folder = try ModelFolder()
            let output = folder.file("merged")
            try method.write(
                base: FixtureModels.base,
                FixtureModels.experts,
                weights: [0, 0, 0],
                to: output
            )
            try expectEqual(
                Checkpoint(at: output),
                Checkpoint(at: FixtureModels.base),
                within: Tolerance(absolute: 0)
            )
        }
    }

    @Test(arguments: ["regmean", "fisher"])
    func `inputs or information alike everywhere give the weighted average`(name: String) throws {
        let folder = try ModelFolder()
        try MergeMethods.named(name).write(
            base: FixtureModels.base,
            FixtureModels.experts,
            weights: weights,
            statistics: .even,
            to: folder.file("even")
        )
        try MergeMethod.linear.write(
            base: FixtureModels.base,
            FixtureModels.experts,
            weights: weights,
            to: folder.file("average")
        )
        try expectEqual(
            Checkpoint(at: folder.file("even")),
            Checkpoint(at: folder.file("average")),
            within: rounding
        )
    }

    @Test(arguments: ["regmean", "fisher"])
    func `by statistics a single expert merges to itself`(name: String) throws {
        let folder = try ModelFolder()
        try MergeMethods.named(name).write(
            base: FixtureModels.base,
            [FixtureModels.experts[0]],
            weights: [0.5],
            to: folder.file("merged")
        )
        try expectEqual(
            Checkpoint(at: folder.file("merged")),
            Checkpoint(at: FixtureModels.experts[0]),
            within: rounding
        )
    }
}
