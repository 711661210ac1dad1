import Autograd
import Checkpoints
import Foundation
import Merging
import Tensors
import TestSupport
import Testing
import Transformers

@Suite struct `Models agree with transformers` {
    /// The classes that a case is about: the one that computed it, and the one its files name.
    private func architectures(of reference: ReferenceCase) throws -> [Architecture] {
        let computed = try #require(Architectures.named(reference.forwardFacts().architecture))
        let named = try Architectures.of(configuration: configuration(of: reference))
        return named.name == computed.name ? [named] : [computed, named]
    }

    private func configuration(of reference: ReferenceCase) throws -> Data {
        try Data(contentsOf: reference.file("config.json"))
    }

    @Test(arguments: ReferenceCase.forward)
    func outputs(of reference: ReferenceCase) throws {
        let source = CheckpointParameters(
            try Checkpoint(at: reference.directory),
            named: "the case"
        )
        for architecture in try architectures(of: reference) {
            let model = try architecture.model(
                configuration: configuration(of: reference),
                from: source
            )
            try compare(model, with: reference)
        }
    }

    private func compare(_ model: any Transformer, with reference: ReferenceCase) throws {
        let facts = try reference.forwardFacts()
        let inputs = try reference.tensors("inputs.safetensors")
        let input = try ModelInput(reference: inputs)
        let outputs = try model(input)
        let expected = try reference.tensors("expected.safetensors")
        #expect(Set(facts.outputs.keys) == Set(expected.names))
        #expect(outputs.entries.map(\.name).sorted() == expected.names.sorted())
        for name in expected.names {
            let output = try #require(outputs.entries.first { $0.name == name })
            let view = try expected.view(name)
            var wanted = try view.tensor()
            var found = output.value.value
            if output.rows == .token {
                let (length, width) = (view.shape[1], view.shape[2])
                found = input.padded(found, length: length)
                wanted = wanted.reshaped([wanted.count / width, width])
                if let mask = facts.outputs[name]?.rows_where {
                    let visible = try inputs.view(mask).integers()
                    let rows = visible.indices.filter { visible[$0] == 1 }.map(Int32.init)
                    wanted = wanted.rows(rows)
                    found = found.rows(rows)
                }
            }
            let excess = facts.tolerance.excess(of: found.elements, over: wanted.elements)
            #expect(excess <= 0, "\(name) is off by \(excess) more than allowed")
        }
    }

    @Test(arguments: ReferenceCase.forward.filter(\.hasGradient))
    func gradients(of reference: ReferenceCase) throws {
        let gradient = try #require(try reference.forwardFacts().gradient)
        let input = try ModelInput(reference: reference.tensors("inputs.safetensors"))
        let checkpoint = try Checkpoint(at: reference.directory)
        var table = ParameterTable([:])
        for view in try checkpoint.views(checkpoint.names) where view.isFloatingPoint {
            table.variables[view.name] = Variable(parameter: try view.tensor())
        }
        let architecture = try architectures(of: reference)[0]
        let model = try architecture.model(
            configuration: configuration(of: reference),
            from: table
        )
        let outputs = try model(input)
        let objective: Variable
        if gradient.objective == "mean_entropy" {
            let logits = outputs["logits"] ?? outputs["logits_per_image"]
            objective = try #require(logits).softmaxEntropy().mean()
        } else {
            let cotangents = try reference.tensors("cotangent.safetensors")
            let name = try #require(cotangents.names.first)
            let view = try cotangents.view(name)
            let output = try #require(outputs.entries.first { $0.name == name })
            var cotangent = try view.tensor()
            if output.rows == .token {
                let (length, width) = (view.shape[1], view.shape[2])
                cotangent = input.gathered(
                    cotangent.reshaped([cotangent.count / width, width]),
                    length: length
                )
            }
            objective = (output.value * Variable(constant: cotangent)).sum()
        }
        let limit = 1e-4 * max(1, abs(gradient.value))
        #expect(abs(Double(objective.value[0]) - gradient.value) < limit)
        let gradients = Gradients(of: objective)
        let expected = try reference.tensors("expected_gradients.safetensors")
        for view in try expected.views(expected.names) {
            let wanted = try view.tensor()
            let variable = try #require(table.variables[view.name])
            let found = gradients[variable] ?? .zeros(wanted.shape)
            let limit = Tolerance(
                absolute: gradient.tolerance.of_tensor_largest * Double(wanted.largestMagnitude)
                    + gradient.tolerance.of_largest * gradient.largest
            )
            let excess = limit.excess(of: found.elements, over: wanted.elements)
            #expect(excess <= 0, "the gradient of \(view.name) is off by \(excess) too much")
        }
    }

    @Test(
        .enabled(if: Golden.directory != nil, "reference cases are absent; only fixtures are run")
    )
    func `the reference cases are present`() { #expect(ReferenceCase.forward.count >= 14) }
}
