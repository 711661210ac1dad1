internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tensors

/// Writes what was learned in the layouts of the Hugging Face libraries.
struct FinetuneOutput {
    private let model: LearnedModel
    /// The settings of the adapter; `nil` where every parameter is learned.
    private let adapter: LowRankParameters?
    /// What the adapter calls its base model.
    private let baseName: String
    /// The format that the recipe asks for; `nil` for the base model's.
    private let dtype: DType?
    /// The format of what the base model lacks: that of its first linear weight.
    private let common: DType

    /// Throws where learned tensors could not be written, before any is learned.
    init(_ model: LearnedModel, for recipe: FinetuneRecipe, baseName: String) throws {
        (self.model, self.baseName, adapter) = (model, baseName, recipe.lora)
        dtype = recipe.dtype.map(DType.init)
        let names = model.base.linearWeights + model.base.weights.keys.sorted()
        let stored = names.compactMap { model.base.weights[$0]?.dtype }
        common = dtype ?? stored.first ?? .float32
        if let odd = ([common] + (dtype == nil ? stored : [])).first(where: { !$0.isWritable }) {
            throw FinetuneError.format(odd.rawValue)
        }
    }

    /// Writes weights and configuration into an existing directory.
    ///
    /// - Returns: the values as they were written: rounded to the format.
    func write(_ parameters: [LearnedParameter], to directory: URL) throws -> [String: Tensor] {
        if let adapter {
            try write(parameters, adapter, to: directory)
            let file = directory.appending(path: "adapter_model.safetensors")
            return try values(of: parameters, in: Checkpoint(at: file)) { "base_model.model.\($0)" }
        }
        try writeModel(parameters, to: directory)
        return try values(of: parameters, in: Checkpoint(at: directory)) { $0 }
    }

    private func values(
        of parameters: [LearnedParameter],
        in checkpoint: Checkpoint,
        _ written: (String) -> String
    ) throws -> [String: Tensor] {
        try parameters.reduce(into: [:]) { table, parameter in
            table[parameter.name] = try checkpoint.view(written(parameter.name)).tensor()
        }
    }

    /// `model.safetensors`, `config.json` and the tokenizer.
    private func writeModel(_ parameters: [LearnedParameter], to directory: URL) throws {
        let writer = try CheckpointWriter(
            directory: directory,
            tensors: parameters.map { parameter in
                TensorDeclaration(
                    name: parameter.name,
                    dtype: dtype ?? model.base.weights[parameter.name]?.dtype ?? common,
                    shape: parameter.shape
                )
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
        try model.base.directory.companions.copy(to: directory)
    }

    /// `adapter_model.safetensors`, `adapter_config.json`, and the classifier's `config.json`,
    /// which names the classes.
    private func write(
        _ parameters: [LearnedParameter],
        _ settings: LowRankParameters,
        to directory: URL
    ) throws {
        let values = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.now.value) })
        var configuration = AdapterConfiguration()
        configuration.rank = settings.rank
        configuration.alpha = settings.alpha
        configuration.baseModel = baseName
        configuration.taskType = "SEQ_CLS"
        configuration.modulesToSave = model.whole.map(ModuleName.of).unique
        try Adapter.write(
            model.updates.compactMap { update in
                guard let a = values[update.a], let b = values[update.b] else { return nil }
                return Adapter.Update(module: update.module, a: a, b: b, scale: update.scale)
            },
            replaced: model.whole.compactMap { name in values[name].map { (name, $0) } },
            dtype: common,
            configuration: configuration,
            to: directory
        )
        try AtomicFile.write(
            model.base.configuration,
            to: directory.appending(path: "config.json")
        )
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
