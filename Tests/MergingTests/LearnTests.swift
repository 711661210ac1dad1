import Autograd
import Checkpoints
import Foundation
import Merging
import Tensors
import TestSupport
import Testing
import Transformers

/// What a learning case says, in `case.json` and `expected.json`.
private struct LearnCase: Decodable {
    struct Task: Decodable { var inputs, head: String }
    struct Group: Decodable {
        var name: String
        var parameters: [String]
    }
    struct Settings: Decodable {
        var learning_rate: Float
        var steps: Int
        var initial_coefficient: Float
    }
    var base: String
    var experts: [String]
    var tasks: [Task]
    var merged_parameters: [String]
    var layer_groups: [Group]
    var optimizer: Settings
}

private struct Expected: Decodable {
    struct Limits: Decodable {
        var losses, coefficients, gradient_of_largest, gradient_absolute: Double
    }
    struct Start: Decodable {
        var entropy_per_task: [Double]
        var total: Double
        var gradient: [[Double]]
    }
    struct Course: Decodable {
        var columns: [String]
        var step0: Start
        var losses: [Double]
        var entropy_per_task: [[Double]]
        var coefficients: [[[Double]]]
        var coefficient_steps: [Int]
        var not_compared: [[Int]]
    }
    var tolerance: Limits
}

/// Entropy of the merged model on all inputs of each task, one pass per task.
private struct EntropyObjective: MergeObjective {
    struct Pass: ObjectivePass {
        let task: Int
        let input: ModelInput
        let architecture: Architecture
        let configuration: Data
        let head: Head

        func callAsFunction(_ merged: any ParameterSource) throws -> PassResult {
            let entropies = try logits(merged).softmaxEntropy()
            return PassResult(
                loss: entropies.mean(),
                tally: PredictionTally(
                    task: task,
                    count: entropies.value.count,
                    entropy: entropies.value.sum(),
                    probabilities: []
                )
            )
        }

        private func logits(_ merged: any ParameterSource) throws -> Variable {
            switch head {
            case .classifier(let head):
                let source = HeadOverlay(head: head, trunk: merged, architecture: architecture)
                let model = try architecture.model(configuration: configuration, from: source)
                return try #require(try model(input)["logits"])
            case .classes(let classes):
                let model = try architecture.model(configuration: configuration, from: merged)
                let pictures = try #require(try model(input)["image_embeds"])
                return .linear(pictures.unitRows(), classes.unitRows()) * 100
            }
        }
    }

    /// What answers a task on top of the merged encoder.
    enum Head: Sendable {
        /// The classifier of the expert.
        case classifier(CheckpointParameters)
        /// A vector for each class, which pictures are compared with.
        case classes(Variable)

        init(_ name: String, of reference: ReferenceCase) throws {
            let checkpoint = try Checkpoint(at: reference.file(name))
            self =
                name.hasSuffix(".safetensors")
                ? .classes(Variable(constant: try checkpoint.view("weight").tensor()))
                : .classifier(CheckpointParameters(checkpoint, named: name))
        }
    }

    /// The classifier of the expert over the merged encoder.
    struct HeadOverlay: ParameterSource {
        let head: any ParameterSource
        let trunk: any ParameterSource
        let architecture: Architecture

        private func source(_ name: String) -> any ParameterSource {
            architecture.isHead(name) ? head : trunk
        }
        func parameter(named name: String, shape: [Int]) throws -> Variable {
            try source(name).parameter(named: name, shape: shape)
        }
        func rows(
            _ indices: [Int32],
            ofParameterNamed name: String,
            shape: [Int]
        ) throws -> Variable {
            try source(name).rows(indices, ofParameterNamed: name, shape: shape)
        }
        func contains(_ name: String) -> Bool { source(name).contains(name) }
    }

    let tasks: [String]
    let all: [Pass]
    func passes(at step: Int) throws -> [any ObjectivePass] { all }
}

private let cases = ReferenceCase.all("learn") { ["bert", "vit", "clip-vision"].contains($0) }

@Suite struct `Learning agrees with the reference` {
    private func run(
        _ reference: ReferenceCase,
        _ method: MergeMethod,
        _ granularity: Granularity,
        workers: Workers
    ) throws -> (course: Expected.Course, limits: Expected.Limits, lambda: [[[Float]]]) {
        let facts = try reference.json(LearnCase.self)
        let base = try Checkpoint(at: reference.file(facts.base))
        let pool = try ModelPool(
            base: .init(name: "base", checkpoint: base),
            experts: facts.experts.map {
                ModelPool.Member(name: $0, checkpoint: try Checkpoint(at: reference.file($0)))
            },
            names: Set(facts.merged_parameters)
        )
        let objective = EntropyObjective(
            tasks: facts.tasks.map(\.head),
            all: try facts.tasks.enumerated().map { index, task in
                let model = task.head.hasSuffix(".safetensors") ? facts.base : task.head
                let configuration = try Data(
                    contentsOf: reference.file(model).appending(path: "config.json")
                )
                return EntropyObjective.Pass(
                    task: index,
                    input: try ModelInput(reference: reference.tensors(task.inputs)),
                    architecture: try Architectures.of(configuration: configuration),
                    configuration: configuration,
                    head: try EntropyObjective.Head(task.head, of: reference)
                )
            }
        )
        guard case .learned(let prepared) = method.kind else {
            throw MergeError.learnedMethod(method.card.name)
        }
        let vectors: any TaskVectors =
            try prepared.map {
                try MergeMethods.named($0.method).taskVectors(
                    pool,
                    options: TestOptions(merge: $0.options),
                    workers: workers
                )
            } ?? PlainTaskVectors(pool)
        let initial = Coefficients(
            granularity,
            models: facts.experts,
            parameters: facts.merged_parameters,
            initial: facts.optimizer.initial_coefficient
        )
        var learner = CoefficientLearner(
            vectors,
            from: initial,
            options: .init(
                schedule: Schedule(
                    peak: facts.optimizer.learning_rate,
                    steps: facts.optimizer.steps
                )
            ),
            workers: workers
        )
        let root = try JSONSerialization.jsonObject(
            with: Data(contentsOf: reference.file("expected.json"))
        )
        let families = try #require(root as? [String: Any])
        let family = try #require(families[method.card.name] as? [String: Any])
        let course = try JSONDecoder().decode(
            Expected.Course.self,
            from: JSONSerialization.data(
                withJSONObject: try #require(family[granularity.rawValue])
            )
        )
        let limits = try reference.json(Expected.self, "expected.json").tolerance
        if granularity == .layer {
            #expect(initial.groups.map(\.name) == facts.layer_groups.map(\.name))
            #expect(
                initial.groups.map { Set($0.parameters) }
                    == facts.layer_groups.map { Set($0.parameters) }
            )
        }
        var trajectory = [learner.coefficients.lambda]
        for step in 0...facts.optimizer.steps {
            let found = try learner.measure(objective)
            #expect(abs(found.total - course.losses[step]) <= limits.losses, "step \(step)")
            for (tally, expected) in zip(found.tallies, course.entropy_per_task[step]) {
                #expect(abs(tally.meanEntropy - expected) <= limits.losses, "step \(step)")
            }
            if step == 0 {
                try compare(found.gradient, course, initial, limits)
            }
            guard step < facts.optimizer.steps else { break }
            try learner.update(along: found)
            trajectory.append(learner.coefficients.lambda)
        }
        return (course, limits, trajectory)
    }

    /// The group of ours that a column of the reference is.
    private func row(_ column: String, _ initial: Coefficients) throws -> Int {
        if initial.granularity == .task { return 0 }
        return try #require(initial.groups.firstIndex { $0.name == column }, "\(column)")
    }

    private func compare(
        _ gradient: Tensor,
        _ course: Expected.Course,
        _ initial: Coefficients,
        _ limits: Expected.Limits
    ) throws {
        let largest = course.step0.gradient.flatMap(\.self).map(abs).max() ?? 0
        for (model, columns) in course.step0.gradient.enumerated() {
            for (column, expected) in columns.enumerated() {
                let group = try row(course.columns[column], initial)
                let found = Double(gradient[group * initial.models.count + model])
                let limit = limits.gradient_of_largest * largest + limits.gradient_absolute
                #expect(
                    abs(found - expected) <= limit,
                    "\(course.columns[column]), model \(model): \(found), not \(expected)"
                )
            }
        }
    }

    @Test(arguments: cases, [MergeMethod.adaMerging, .adaMergingPlusPlus].indices)
    func course(of reference: ReferenceCase, method index: Int) throws {
        let method = [MergeMethod.adaMerging, .adaMergingPlusPlus][index]
        // The reference gives no module-wise course of adamerging++.
        for granularity in Granularity.allCases where index == 0 || granularity != .module {
            let (course, limits, lambda) = try run(reference, method, granularity, workers: .all)
            let facts = try reference.json(LearnCase.self)
            let initial = Coefficients(
                granularity,
                models: facts.experts,
                parameters: facts.merged_parameters,
                initial: 0
            )
            let skipped = Set(course.not_compared)
            for (position, step) in course.coefficient_steps.enumerated() {
                for (model, columns) in course.coefficients[position].enumerated() {
                    for (column, expected) in columns.enumerated()
                    where !skipped.contains([model, column]) {
                        let group = try row(course.columns[column], initial)
                        let found = Double(lambda[step][group][model])
                        #expect(
                            abs(found - expected) <= limits.coefficients,
                            "\(granularity) step \(step) \(course.columns[column]) of \(model)"
                        )
                    }
                }
            }
        }
    }

    @Test(arguments: cases)
    func `one, two and five workers give the same bits`(reference: ReferenceCase) throws {
        let runs = try [1, 2, 5].map {
            try run(reference, .adaMerging, .tensor, workers: Workers($0)).lambda
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0] == runs[2])
    }
}
