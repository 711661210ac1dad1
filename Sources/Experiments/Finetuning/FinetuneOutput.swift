internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tensors

/// Writes what was learned in the layouts of the Hugging Face libraries.
struct FinetuneOutput {
    let model: LearnedModel
    let parameters: [LearnedParameter]
    /// The format that the recipe asks for; `nil` for the base model's.
    let dtype: DType?
    /// The settings of the adapter; `nil` where every parameter is learned.
    let adapter: LowRankParameters?
    /// What the adapter calls its base model.
    let baseName: String

    /// Writes weights and configuration into an existing directory.
    ///
    /// - Returns: the values as they were written: rounded to the format.
    func write(to directory: URL) throws -> [String: Tensor] {
        if let adapter {
            try write(adapter, to: directory)
            let file = directory.appending(path: "adapter_model.safetensors")
            return try values(in: Checkpoint(at: file)) { "base_model.model.\($0)" }
        }
        try writeModel(to: directory)
        return try values(in: Checkpoint(at: directory)) { $0 }
    }

    private func values(
        in checkpoint: Checkpoint,
        _ written: (String) -> String
    ) throws -> [String: Tensor] {
        try parameters.reduce(into: [:]) { table, parameter in
            table[parameter.name] = try checkpoint.view(written(parameter.name)).tensor()
        }
    }

    /// `model.safetensors`, `config.json` and the tokenizer.
    private func writeModel(to directory: URL) throws {
        let formats = try parameters.map { try format(of: $0.name) }
        let writer = try CheckpointWriter(
            directory: directory,
            tensors: zip(parameters, formats).map { parameter, dtype in
                TensorDeclaration(name: parameter.name, dtype: dtype, shape: parameter.shape)
            }
        )
        for parameter in parameters { try writer.write(parameter.name, parameter.now.value) }
        try writer.finish()
        let configuration = try JSONEdit.of(model.base.configuration) { keys in
            guard let dtype else { return }
            let known = ["dtype", "torch_dtype"].filter { keys[$0] != nil }
            for key in known.isEmpty ? ["torch_dtype"] : known {
                keys[key] = dtype.configurationName
            }
        }
        try AtomicFile.write(configuration, to: directory.appending(path: "config.json"))
        try model.base.directory.copyCompanions(to: directory)
    }

    /// `adapter_model.safetensors`, `adapter_config.json`, and the classifier's `config.json`,
    /// which names the classes.
    private func write(_ settings: LowRankParameters, to directory: URL) throws {
        let values = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.now.value) })
        var configuration = AdapterConfiguration()
        configuration.rank = settings.rank
        configuration.alpha = settings.alpha
        configuration.baseModel = baseName
        configuration.taskType = "SEQ_CLS"
        configuration.modulesToSave = model.whole.map(ModuleName.of)
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        try Adapter.write(
            model.updates.compactMap { update in
                guard let a = values[update.a], let b = values[update.b] else { return nil }
                return Adapter.Update(module: update.module, a: a, b: b, scale: update.scale)
            },
            replaced: model.whole.compactMap { name in values[name].map { (name, $0) } },
            dtype: try dtype ?? baseFormat,
            configuration: configuration,
            to: directory
        )
        try AtomicFile.write(
            model.base.configuration,
            to: directory.appending(path: "config.json")
        )
    }

    /// The format of a tensor: the recipe's, the base model's, or for a head that of the others.
    private func format(of name: String) throws -> DType {
        if let dtype { return dtype }
        guard let view = model.base.weights[name] else { return try baseFormat }
        guard view.dtype.isWritable else { throw FinetuneError.format(view.dtype.rawValue) }
        return view.dtype
    }

    /// The format of the base model's first linear weight.
    private var baseFormat: DType {
        get throws {
            let names = model.base.linearWeights + model.base.weights.keys.sorted()
            let dtype = names.lazy.compactMap { model.base.weights[$0]?.dtype }.first ?? .float32
            guard dtype.isWritable else { throw FinetuneError.format(dtype.rawValue) }
            return dtype
        }
    }
}

extension DType {
    /// The name in a `config.json`.
    fileprivate var configurationName: String {
        switch self {
        case .bfloat16: "bfloat16"
        case .float16: "float16"
        case .float64: "float64"
        default: "float32"
        }
    }
}
