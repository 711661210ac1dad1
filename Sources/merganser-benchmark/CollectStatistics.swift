import Autograd
import Checkpoints
import Foundation
import Merging
import Tensors
import Transformers

/// Statistics of one model on random inputs, against running the model without collecting any.
struct CollectStatistics {
    /// The models that statistics are collected of.
    enum Model: String {
        case miniLM = "minilm"
        case viT = "vit-b32"
    }

    let model: Model
    let directory: URL
    let ceiling: Ceiling

    /// The tokens of all inputs, and of each micro-batch of a Gram matrix; half as many elsewhere.
    private static let (tokens, gramTokens) = (8192, 1024)

    /// All Gram matrices, against the forward pass alone.
    func gram(steps: Int) throws -> Measurement {
        let subject = try subject()
        let inputs = subject.inputs(of: Self.gramTokens)
        return try Measurement(
            "gram-\(model.rawValue)",
            against: "the forward pass alone",
            steps: steps
        ) {
            // Every row of the last block, as where its Gram matrices are collected.
            let collector = GramCollector(over: subject.parameters, counting: false)
            let model = try subject.model(from: collector.parameters(ofPass: 0))
            let inputs = subject.inputs(of: Self.gramTokens / 2)
            try ceiling.workers.forEach(inputs.count) { _ = try subject.output(model, inputs[$0]) }
        } work: {
            let collector = GramCollector(over: subject.parameters)
            try ceiling.workers.forEach(inputs.count) { pass in
                defer { collector.finish(pass: pass) }
                let model = try subject.model(from: collector.parameters(ofPass: pass))
                _ = try subject.output(model, inputs[pass])
            }
        }
    }

    /// Fisher information for one label of each example, against forward and backward passes.
    func fisher(steps: Int) throws -> Measurement {
        let subject = try subject()
        let inputs = subject.inputs(of: Self.gramTokens / 2)
        return try Measurement(
            "fisher-\(model.rawValue)",
            against: "forward and backward passes",
            steps: steps
        ) {
            let table = subject.parameters.variables.mapValues { Variable(parameter: $0.value) }
            let model = try subject.model(from: ParameterTable(table))
            let gradients = OrderedGradients()
            try ceiling.workers.forEach(inputs.count) { pass in
                let root = try subject.output(model, inputs[pass])
                gradients.add(root, cotangent: Self.cotangent(root), pass: pass)
            }
        } work: {
            let collector = FisherCollector(over: subject.parameters)
            let model = try subject.model(from: collector)
            try ceiling.workers.forEach(inputs.count) { pass in
                let root = try subject.output(model, inputs[pass])
                try collector.add(
                    root,
                    cotangent: Self.cotangent(root),
                    examples: Sequences(count: inputs[pass].count, length: subject.length),
                    pass: pass
                )
            }
        }
    }

    private static func cotangent(_ root: Variable) -> Tensor {
        let labels = FisherLabels.sampled(1)
        return labels.cotangent(
            ofWalk: 0,
            logits: root.value,
            labels: nil,
            seed: 0,
            positions: Array(0..<root.shape[0])
        )
    }

    private func subject() throws -> Subject {
        switch model {
        case .viT:
            let clip = try CLIPViTB32(directory: directory, experts: .bfloat16)
            try clip.models.write()
            return try Subject(
                clip.models.directories[0],
                output: "image_embeds",
                length: CLIPViTB32.length
            ) { count in
                .pixels(Tensor([count, 3, 224, 224], repeating: 0.25))
            }
        case .miniLM:
            let models = try LearnMiniLM(directory: directory, ceiling: ceiling).models()
            try models.write()
            return try Subject(models.directories[1], output: "logits", length: 64) { count in
                var generator = SeededGenerator(seed: 1, "ids")
                return .tokens(
                    TokenBatch(
                        (0..<count).map { _ in
                            (0..<64).map { _ in
                                Int32(truncatingIfNeeded: generator.next() % 30_000)
                            }
                        }
                    )
                )
            }
        }
    }
}

/// A model and what it is run on.
private struct Subject: Sendable {
    let parameters: ParameterTable
    let length: Int
    private let architecture: Architecture
    private let configuration: Data
    private let name: String
    private let input: @Sendable (_ count: Int) -> ModelInput

    init(
        _ directory: URL,
        output name: String,
        length: Int,
        _ input: @escaping @Sendable (_ count: Int) -> ModelInput
    ) throws {
        let model = try ModelDirectory(directory)
        let checkpoint = try model.checkpoint()
        configuration = model.configuration ?? Data()
        architecture = try Architectures.of(configuration: configuration)
        parameters = ParameterTable(
            try checkpoint.names.reduce(into: [:]) {
                $0[$1] = Variable(constant: try checkpoint.view($1).tensor())
            }
        )
        (self.name, self.length, self.input) = (name, length, input)
    }

    func model(from source: any ParameterSource) throws -> any Transformer {
        try architecture.model(configuration: configuration, from: source)
    }

    func output(_ model: any Transformer, _ input: ModelInput) throws -> Variable {
        guard let output = try model(input)[name] else {
            preconditionFailure("\(architecture.name) gives no \(name)")
        }
        return output
    }

    /// Micro-batches of about so many tokens.
    func inputs(of tokens: Int) -> [ModelInput] {
        let count = max(1, tokens / length)
        let input = input(count)
        return Array(repeating: input, count: 8192 / tokens)
    }
}
