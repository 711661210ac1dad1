/// The architectures that are made of several modules, with the names that mergekit gives these.
enum ModuleTable {
    /// A module of an architecture, under whatever names versions of transformers save it.
    struct Entry: Equatable, Sendable {
        let name: String
        /// How the names of its tensors begin.
        let beginnings: [String]
        /// Where `config.json` may count them.
        var sections = [""]
        var keys = anyKey
    }

    /// The table, by `model_type`: a new architecture is one line here.
    static let all: [String: [Entry]] = [
        "t5": encoderDecoder, "mt5": encoderDecoder, "umt5": encoderDecoder,
        "whisper": [
            Entry(
                name: "decoder",
                beginnings: ["model.decoder.", "proj_out."],
                keys: decoderKeys
            ),
            Entry(
                name: "encoder",
                beginnings: ["model.encoder."],
                keys: encoderKeys
            ),
        ],
        "gemma3": [textDecoder, projector, vision("vision_tower")],
        "mistral3": [textDecoder, projector, vision("vision_tower")],
        "llama4": [textDecoder, projector, vision("vision_model")],
        "qwen2_vl": qwen, "qwen2_5_vl": qwen,
    ]

    private static let encoderDecoder = [
        Entry(
            name: "decoder",
            beginnings: ["decoder."],
            keys: decoderKeys
        ),
        Entry(
            name: "encoder",
            beginnings: ["encoder."],
            keys: encoderKeys
        ),
        Entry(name: "shared", beginnings: ["shared.", "lm_head."]),
    ]

    private static let textDecoder = Entry(
        name: "text_decoder",
        beginnings: ["language_model.", "model.language_model.", "lm_head."],
        sections: ["text_config"]
    )

    private static let projector = Entry(
        name: "multi_modal_projector",
        beginnings: ["multi_modal_projector.", "model.multi_modal_projector."]
    )

    private static func vision(_ name: String) -> Entry {
        Entry(
            name: name,
            beginnings: ["\(name).", "model.\(name)."],
            sections: ["vision_config"]
        )
    }

    private static let qwen = [
        Entry(
            name: "text_decoder",
            beginnings: ["model.", "lm_head."],
            sections: ["", "text_config"]
        ),
        Entry(
            name: "multi_modal_projector",
            beginnings: ["visual.merger.", "model.visual.merger."]
        ),
        Entry(
            name: "vision_tower",
            beginnings: ["visual.", "model.visual."],
            sections: ["vision_config"]
        ),
    ]
}

// MARK: Where layers are counted

extension ModuleTable {
    /// The only module of an architecture, or what belongs to no other.
    static let rest = Entry(
        name: "default",
        beginnings: [""],
        sections: ["", "text_config", "llm_config", "vision_config"]
    )

    /// A list of layers beside others, of an architecture that is not in the table.
    static func entry(ofList list: String) -> Entry {
        let parts = list.split(separator: ".")
        let tower =
            if list.contains("vision") || list.contains("visual") {
                "vision_config"
            } else if list.contains("audio") {
                "audio_config"
            } else {
                "text_config"
            }
        return Entry(
            name: list,
            beginnings: [list + "."],
            sections: [tower, ""],
            keys: parts.contains("decoder")
                ? decoderKeys + anyKey
                : parts.contains("encoder") ? encoderKeys + anyKey : anyKey
        )
    }

    /// Keys that count the layers of a model or a section.
    static let anyKey = [
        "num_hidden_layers", "n_layer", "n_layers", "num_layers", "depth", "encoder_layers",
    ]
    private static let encoderKeys = [
        "encoder_layers", "num_encoder_layers", "num_layers", "num_hidden_layers",
    ]
    private static let decoderKeys = ["decoder_layers", "num_decoder_layers"]

    /// Lists in `config.json` with an element for each layer.
    static let listsByLayer: Set = [
        "layer_types", "layers_block_type", "no_rope_layers", "attention_layers", "block_configs",
        "activation_sparsity_pattern", "intermediate_size", "num_key_value_heads",
        "num_attention_heads", "num_query_heads", "ffn_multipliers",
    ]
    /// Lists in `config.json` of the numbers of some layers.
    static let listsOfLayers: Set = ["mlp_only_layers", "cross_attention_layers"]

    /// Whether a tensor stands before the layers although its name is none of an embedding: the
    /// convolutions and normalisations that pictures and sounds go through first.
    static func isFront(_ tensor: String) -> Bool {
        let early: Set<Substring> = ["conv1", "conv2", "patch_conv", "ln_pre", "layernorm_pre"]
        return tensor.split(separator: ".").contains { early.contains($0) }
    }

    /// Output embeddings that stand behind the layers although their names speak of embeddings.
    static func isTail(_ tensor: String) -> Bool { tensor.hasSuffix("embed_out.weight") }
}
