import Checkpoints
import Foundation
import Merging
import Tensors
import TestSupport
import Testing

@testable import Experiments

@Suite struct `A plan` {
    private func plan(_ changes: [String] = []) throws -> MergePlan {
        try MergePlan(learningRecipe(changes), workers: Workers(1))
    }

    /// A recipe of a rule over the models of the merge fixture.
    private func rule(
        _ method: String,
        weights: [Double],
        parameters: [String: Setting] = [:]
    ) -> Recipe {
        Recipe(
            method,
            base: FixtureModels.base,
            FixtureModels.experts,
            weights: weights,
            parameters: parameters
        )
    }

    @Test func `counts what the run then has`() throws {
        let folder = try ScratchDirectory()
        for granularity in Granularity.allCases {
            let changes = ["parameters.granularity=\(granularity.rawValue)", "parameters.steps=0"]
            let plan = try plan(changes)
            let run = folder.url.appending(path: granularity.rawValue)
            let result = try Learning.run(learningRecipe(changes), in: run, workers: Workers(1))
            #expect(plan.coefficients == result.coefficients.lambda.joined().count)
            #expect(plan.tasks.map(\.adapt) == result.evaluation.map(\.examples))
        }
    }

    @Test func `has every model once, and a step's operations`() throws {
        let plan = try plan()
        #expect(plan.models.map(\.kind) == ["base", "expert", "expert"])
        #expect(plan.models.allSatisfy { $0.bytes > 0 })
        let step = try #require(plan.operationsPerStep)
        // Twice the batch, twice the work.
        let double = try self.plan(["parameters.batch_size=6"])
        #expect(double.operationsPerStep == 2 * step)
        #expect(plan.operations > 7 * step && plan.minutes > 0 && plan.memory > 0)
    }

    @Test func `of a rule says how large the merge becomes`() throws {
        let folder = try ScratchDirectory()
        let recipe = rule("task_arithmetic", weights: [0.5, 0.3, -0.2])
        let plan = try MergePlan(recipe, workers: Workers(1))
        #expect(plan.method == "task_arithmetic" && plan.coefficients == nil)
        #expect(plan.models.map(\.kind) == ["base", "expert", "expert", "expert"])
        let output = folder.url.appending(path: "merged")
        let written = try Merge.run(recipe, to: output)
        let checkpoint = try Checkpoint(at: output)
        let bytes = try checkpoint.names.reduce(0) { try $0 + checkpoint.view($1).byteCount }
        #expect(plan.disk == bytes)
        #expect(plan.elements <= written.elements && plan.tensors <= written.tensors)
        #expect(plan.operations == 6 * Double(plan.elements) && plan.minutes > 0)
        #expect(!plan.text(width: nil).contains("adapt"))
    }

    @Test func `of a rule finds what the merge would`() throws {
        #expect(throws: MergeError.self) {
            try MergePlan(rule("ties", weights: []), workers: Workers(1))
        }
        #expect(throws: MergeError.self) {
            let density = ["density": Setting.scalar(.number(7))]
            let recipe = rule("ties", weights: [1, 1, 1], parameters: density)
            return try MergePlan(recipe, workers: Workers(1))
        }
    }
}
