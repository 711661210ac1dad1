internal import Checkpoints
internal import OrderedCollections

/// How many coefficients a merge has.
public enum Granularity: String, Sendable, CaseIterable, Codable {
    /// One per expert.
    case task
    /// One per expert and transformer block; what lies around the blocks are groups of their own.
    case layer
    /// One per expert and module: a weight with its bias.
    case module
    /// One per expert and parameter tensor, which AdaMerging's authors call layer-wise.
    case tensor
}

/// Parameters that share their coefficients.
public struct ParameterGroup: Sendable, Equatable, Codable {
    /// The name of the group, such as `layer.3`.
    public let name: String
    /// The names of its parameters.
    public var parameters: [String]
}

extension Granularity {
    /// The groups of the given parameters, in the order of their first member.
    ///
    /// Layers are ordered as a model is: embeddings, blocks, and what follows them.
    public func groups(of names: [String]) -> [ParameterGroup] {
        var groups: OrderedDictionary<String, [String]> = [:]
        for name in names { groups[group(of: name), default: []].append(name) }
        let unordered = groups.map { ParameterGroup(name: $0.key, parameters: $0.value) }
        guard self == .layer else { return unordered }
        return unordered.enumerated().sorted { a, b in
            let (x, y) = (LayerName.rank(a.element.name), LayerName.rank(b.element.name))
            return x == y ? a.offset < b.offset : x < y
        }.map(\.element)
    }

    private func group(of name: String) -> String {
        switch self {
        case .task: "all"
        case .layer: LayerName.of(name)
        case .module: ModuleName.of(name)
        case .tensor: name
        }
    }
}

/// Where a parameter stands in a model that is one stack of blocks.
public enum ModelPart: Hashable, Sendable {
    /// Before the blocks: embeddings and their norm.
    case front
    /// In a block, counted from 0.
    case block(Int)
    /// Behind the blocks.
    case tail

    /// The place of a parameter, told by its name.
    public init(of name: String) {
        let group = LayerName.of(name)
        let rank = LayerName.rank(group)
        if rank < LayerName.firstBlock {
            self = .front
        } else if let number = LayerName.number(of: group) {
            self = .block(number)
        } else {
            self = .tail
        }
    }
}

/// The module that a parameter belongs to.
enum ModuleName {
    static func of(_ name: String) -> String {
        for suffix in [".weight", ".bias", ".gamma", ".beta"] where name.hasSuffix(suffix) {
            return String(name.dropLast(suffix.count))
        }
        return name
    }
}

/// The layer that a parameter belongs to, told by its name.
enum LayerName {
    /// Parts of names outside the blocks; the first that occurs decides.
    private static let surroundings: [(part: String, group: String)] = [
        ("lm_head", "lm_head"), ("pooler", "pooler"), ("projection.", "projection"),
        ("pre_layrnorm", "pre_norm"), ("pre_layernorm", "pre_norm"),
        ("post_layernorm", "final_norm"), ("final_layer_norm", "final_norm"),
        ("ln_f", "final_norm"), ("classifier", "head"), ("score", "head"),
    ]
    private static let embeddings = [
        "embed", "wte", "wpe", "shared.weight", "cls_token", "relative_attention_bias",
    ]

    static func of(_ name: String) -> String {
        let parts = name.split(separator: ".")
        if let place = LayeredName(name) {
            // Two stacks, as in an encoder and decoder or two towers, stay apart.
            let towers = ["decoder", "text_model"].filter { parts.contains($0[...]) }
            return (towers + ["layer", String(place.layer)]).joined(separator: ".")
        }
        if embeddings.contains(where: name.contains) { return "embeddings" }
        for (part, group) in surroundings where name.contains(part) { return group }
        if parts.contains("norm") || parts.contains("layernorm") { return "final_norm" }
        return ModuleName.of(name)
    }

    /// The rank of the first block.
    static let firstBlock = 2

    /// The number of the block that a group is; `nil` where it is none.
    static func number(of group: String) -> Int? {
        let parts = group.split(separator: ".")
        return parts.dropLast().last == "layer" ? parts.last.flatMap { Int($0) } : nil
    }

    /// Whether a parameter belongs to one of the transformer blocks.
    static func isNumbered(_ name: String) -> Bool { number(of: of(name)) != nil }

    /// Where a group stands between a model's input and its output.
    static func rank(_ group: String) -> Int {
        if group == "embeddings" { return 0 }
        if group == "pre_norm" { return 1 }
        if let number = number(of: group) { return firstBlock + number }
        let last = ["final_norm", "pooler", "projection", "lm_head"].firstIndex(of: group)
        return .max - 8 + (last ?? 4)
    }
}
