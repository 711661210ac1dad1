/// Which parameters have a row for every token of a vocabulary, told by their names.
///
/// A name alone does not make a table: it also has as many rows as the model's vocabulary, which a
/// classifier that is called `lm_head` has not.
public enum TokenTables {
    /// Whether a parameter of this name is, or may be, a table by token.
    public static func contains(_ name: String) -> Bool {
        isInput(name) || outputs.contains { ends(name, with: $0) } || lone.contains(name)
    }

    /// Whether it is the table that token ids are looked up in, of which every model of texts has one.
    public static func isInput(_ name: String) -> Bool {
        inputs.contains { ends(name, with: $0) }
    }

    /// The number of tokens that a shape has room for: its first dimension that is not 1.
    public static func rows(of shape: [Int]) -> Int {
        shape.isEmpty ? 0 : shape[dimension(of: shape)]
    }

    /// The shape for another number of tokens.
    static func shape(_ shape: [Int], withRows rows: Int) -> [Int] {
        var changed = shape
        changed[dimension(of: shape)] = rows
        return changed
    }

    /// Some biases are stored as a matrix of one row.
    private static func dimension(of shape: [Int]) -> Int {
        shape.count == 2 && shape[0] == 1 ? 1 : 0
    }

    private static func ends(_ name: String, with ending: String) -> Bool {
        name == ending || name.hasSuffix("." + ending)
    }

    private static let inputs = [
        "embed_tokens.weight", "wte.weight", "word_embeddings.weight", "word_embedding.weight",
        "tok_embeddings.weight", "token_embedding.weight", "tokens_embed.weight", "embed_in.weight",
        "shared.weight", "backbone.embeddings.weight",
    ]

    private static let outputs = [
        "lm_head.weight", "lm_head.bias", "lm_head.decoder.weight", "lm_head.decoder.bias",
        "lm_head.linear.weight", "lm_head.linear.bias", "embed_out.weight", "embed_out.bias",
        "transformer.output_layer.weight", "cls.predictions.decoder.weight",
        "cls.predictions.decoder.bias", "cls.predictions.bias", "predictions.decoder.weight",
        "predictions.decoder.bias", "predictions.bias", "vocab_projector.weight",
        "vocab_projector.bias", "generator_lm_head.weight", "generator_lm_head.bias",
        "final_logits_bias",
    ]

    /// Names that would mean something else inside a longer one.
    private static let lone: Set = ["output.weight", "decoder.weight", "decoder.bias"]
}
