internal import Checkpoints

/// Why the vocabularies of models cannot be merged.
public enum VocabularyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What the recipe says of a token and cannot be done.
    public struct Fault: Equatable, Sendable {
        /// The token.
        public let token: String
        /// What is wrong, in one clause.
        public let reason: String
    }

    /// A directory has no tokenizer, which the recipe asks for.
    case noTokenizer(directory: String)
    /// A model has no table of embeddings by token.
    case noTable(model: String)
    /// The vocabulary itself has more tokens than the model has embeddings.
    case tokensWithoutRows(directory: String, tokens: [String], rows: Int)
    /// Rows of tables come from models that are not merged where the tables are.
    case donorsElsewhere([String])
    /// A table would have more rows than any vocabulary needs.
    case tooManyRows(Int, directory: String, limit: Int)
    /// Embeddings of single tokens come from where there are none; every one found.
    case sources([Fault])
    /// The key means nothing for a recipe that works with the models' own tokenizers.
    case withTasks(key: String)
    /// A file of the tokenizer is not the JSON object that it should be.
    case notAnObject(file: String)

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .noTokenizer(let directory):
            "\(directory) has no tokenizer (tokenizer.json, vocab.txt or vocab.json), but the recipe "
                + "says what becomes of it; save the tokenizer there, or remove `tokenizer_source`, "
                + "`tokenizer` and `chat_template`."
        case .noTable(let model):
            "\(model) has no table of embeddings by token, such as embed_tokens or word_embeddings, "
                + "that a tokenizer could change; remove `tokenizer_source` and `tokenizer`."
        case .tokensWithoutRows(let directory, let tokens, let rows):
            "The vocabulary of \(directory) has \(tokens.count) tokens beyond the model's \(rows) "
                + "embeddings: \(listed(tokens.map(quoted), limit: 5)); use the tokenizer that the "
                + "model was trained with."
        case .donorsElsewhere(let models):
            "Embeddings of some tokens come from \(listed(models)), not among the models that the tables "
                + "of tokens are merged from: those of the first and of the last slice, or of the module; "
                + "list it there, or choose the tokenizer of one that is."
        case .tooManyRows(let rows, let directory, let limit):
            "The tables of the merged model would have \(rows) rows, more than \(limit); lower "
                + "`pad_to_multiple_of`, or look at the ids of the tokenizer in \(directory)."
        case .sources(let faults):
            "The embeddings of tokens cannot come from where the recipe says: "
                + listed(
                    faults.map { "\(quoted($0.token)): \($0.reason)" },
                    separator: "; "
                ) + "; change their `source` under `tokenizer.tokens`."
        case .withTasks(let key):
            "A recipe that learns or has tasks runs its models with their own tokenizers, so "
                + "`\(key)` cannot be used in it; remove the key, or merge by a rule without tasks."
        case .notAnObject(let file):
            "\(file) is not a JSON object in UTF-8; download or save the tokenizer again."
        }
    }
}
