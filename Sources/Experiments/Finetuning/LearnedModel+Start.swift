internal import Checkpoints
internal import Foundation
internal import Tensors

extension LearnedModel {
    /// What is learned, as it is before the first step.
    ///
    /// What the base model has begins as it is there. Heads, poolers and models without weights begin
    /// as in transformers: weights from a normal distribution whose deviation is the configuration's
    /// `initializer_range`, biases zero, the scales of norms one. Adapters begin as in PEFT: A uniform in ±1 / √inputs, which
    /// is Kaiming's rule with a = √5, and B zero, so that the model begins as the base.
    func start(seed: UInt64) throws -> [LearnedParameter] {
        let deviation = deviation
        let parameters = try whole.map { name in
            if let view = base.weights[name] { return LearnedParameter(name, try view.tensor()) }
            let shape = base.shapes[name] ?? []
            guard shape.count > 1 else {
                let isScale = name.hasSuffix("weight") || name.contains("lambda")
                return LearnedParameter(name, Tensor(shape, repeating: isScale ? 1 : 0))
            }
            var generator = SeededGenerator(seed: seed, name)
            return LearnedParameter(
                name,
                Tensor(shape) { output in
                    while !output.isFull { output.append(deviation * generator.normal()) }
                }
            )
        }
        return parameters
            + updates.flatMap { update in
                let shape = base.shapes[update.weight] ?? [0, 0]
                let bound = 1 / Float(max(1, shape[1])).squareRoot()
                var generator = SeededGenerator(seed: seed, update.a)
                let a = Tensor([update.rank, shape[1]]) { output in
                    while !output.isFull {
                        output.append(bound * (2 * generator.uniform() - 1))
                    }
                }
                return [
                    LearnedParameter(update.a, a),
                    LearnedParameter(update.b, .zeros([shape[0], update.rank])),
                ]
            }
    }

    private var deviation: Float {
        let keys = (try? JSONSerialization.jsonObject(with: base.configuration)) as? [String: Any]
        return Float(keys?["initializer_range"] as? Double ?? 0.02)
    }
}
