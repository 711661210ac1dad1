import Autograd
import Checkpoints
import Foundation
import Merging
import Tensors
import TestSupport
import Testing
import Transformers

/// What a `case.json` of a forward case says.
private struct ForwardCase: Decodable {
    struct Output: Decodable { var rows_where: String? }
    struct Gradient: Decodable {
        struct Limits: Decodable { var of_tensor_largest, of_largest: Double }
        var objective: String
        var value, largest: Double
        var tolerance: Limits
    }
    var architecture: String
    var outputs: [String: Output]
    var tolerance: Tolerance
    var gradient: Gradient?
}

private let cases = ReferenceCase.all("forward") { $0.hasPrefix("bert") }

@Suite struct `Models agree with transformers` {
    private func build(
        _ reference: ReferenceCase,
        _ source: any ParameterSource
    ) throws -> any Transformer {
        let configuration = try Data(contentsOf: reference.file("config.json"))
        let architecture = try Architectures.of(configuration: configuration)
        #expect(architecture.name == (try reference.json(ForwardCase.self)).architecture)
        return try architecture.model(configuration: configuration, from: source)
    }

    @Test(arguments: cases)
    func outputs(of reference: ReferenceCase) throws {
        let facts = try reference.json(ForwardCase.self)
        let inputs = try reference.tensors("inputs.safetensors")
        let batch = try TokenBatch(reference: inputs)
        let checkpoint = try Checkpoint(at: reference.directory)
        let source = CheckpointParameters(checkpoint, named: "the case")
        let model = try build(reference, source)
        let outputs = try model(.tokens(batch))
        let expected = try reference.tensors("expected.safetensors")
        #expect(Set(facts.outputs.keys) == Set(expected.names))
        for name in expected.names {
            let output = try #require(outputs.entries.first { $0.name == name })
            let view = try expected.view(name)
            var wanted = try view.tensor()
            var found = output.value.value
            if output.rows == .token {
                let (length, width) = (view.shape[1], view.shape[2])
                found = batch.padded(found, length: length)
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

    @Test(arguments: cases.filter { (try? $0.json(ForwardCase.self))?.gradient != nil })
    func gradients(of reference: ReferenceCase) throws {
        let gradient = try #require(try reference.json(ForwardCase.self).gradient)
        let inputs = try reference.tensors("inputs.safetensors")
        let batch = try TokenBatch(reference: inputs)
        let checkpoint = try Checkpoint(at: reference.directory)
        var table = ParameterTable([:])
        for view in try checkpoint.views(checkpoint.names) where view.isFloatingPoint {
            table.variables[view.name] = Variable(parameter: try view.tensor())
        }
        let model = try build(reference, table)
        let outputs = try model(.tokens(batch))
        let objective: Variable
        if gradient.objective == "mean_entropy" {
            objective = try #require(outputs["logits"]).softmaxEntropy().mean()
        } else {
            let cotangents = try reference.tensors("cotangent.safetensors")
            let name = try #require(cotangents.names.first)
            let view = try cotangents.view(name)
            let output = try #require(outputs.entries.first { $0.name == name })
            var cotangent = try view.tensor()
            if output.rows == .token {
                let (length, width) = (view.shape[1], view.shape[2])
                cotangent = batch.gathered(
                    cotangent.reshaped([cotangent.count / width, width]),
                    length: length
                )
            }
            objective = (output.value * Variable(constant: cotangent)).sum()
        }
        #expect(abs(Double(objective.value[0]) - gradient.value) < 1e-4 * max(1, gradient.value))
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
    func `the reference cases are present`() { #expect(cases.count >= 5) }
}
