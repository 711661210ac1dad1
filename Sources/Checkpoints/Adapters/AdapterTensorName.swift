/// What a tensor of an adapter is, by its name.
enum AdapterTensorName: Equatable {
    /// A matrix A or B of a linear layer.
    case linear(module: String, isA: Bool)
    /// A matrix A or B of an embedding.
    case embedding(module: String, isA: Bool)
    /// A parameter that replaces the base model's.
    case replaced(String)
    /// A copy of the base model's parameter, which is of no use.
    case original
    case unsupported(String)

    /// Reads a name in any of the ways that versions of PEFT have written it.
    init(_ name: String) {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if parts.starts(with: ["base_model", "model"]) { parts.removeFirst(2) }
        guard let marker = parts.firstIndex(where: { Self.markers.contains($0) }) else {
            if parts.contains("original_module") {
                self = .original
                return
            }
            if let saved = parts.firstIndex(of: "modules_to_save") {
                parts.remove(at: saved)
                if saved < parts.count, parts[saved] == "default" { parts.remove(at: saved) }
            }
            self = .replaced(parts.filter { $0 != "base_layer" }.joined(separator: "."))
            return
        }
        let module = parts[..<marker].joined(separator: ".")
        // After the marker: perhaps the adapter's name, then `weight` except for embeddings.
        let rest = parts[(marker + 1)...]
        switch parts[marker] {
        case "lora_A" where rest.last == "weight" && rest.count <= 2:
            self = .linear(module: module, isA: true)
        case "lora_B" where rest.last == "weight" && rest.count <= 2:
            self = .linear(module: module, isA: false)
        case "lora_embedding_A" where rest.count <= 1: self = .embedding(module: module, isA: true)
        case "lora_embedding_B" where rest.count <= 1: self = .embedding(module: module, isA: false)
        default: self = .unsupported(name)
        }
    }

    private static let markers: Set = [
        "lora_A", "lora_B", "lora_embedding_A", "lora_embedding_B", "lora_magnitude_vector",
        "trainable_tokens_delta", "trainable_tokens_indices", "token_adapter",
    ]
}
