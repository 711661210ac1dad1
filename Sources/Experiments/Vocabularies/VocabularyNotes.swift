internal import Checkpoints
internal import FoundationEssentials
internal import Tokenizers

extension ModelVocabulary {
    /// What people should know of a model that has no tokenizer of its own.
    var note: String {
        "\(reference.title) has no tokenizer; its embeddings are taken to be in the order of the base's "
            + "tokens."
    }
}

extension VocabularyChoice {
    /// What people should know of tokens that are left out.
    var notes: [String] {
        dropped.isEmpty
            ? []
            : [
                "The tokenizer of \(directory.url.lastPathComponent) has tokens without embeddings, "
                    + "which are left out: \(listed(dropped.map(quoted)))."
            ]
    }
}

extension EmbeddingOrigins {
    /// What people should know of tokens that nobody has an embedding of.
    static func notes(onOrphans orphans: [String]) -> [String] {
        orphans.isEmpty
            ? []
            : ["No model has embeddings of \(listed(orphans.map(quoted))): they are zeros."]
    }
}

extension SourceModel {
    /// What people should know of ids in its configuration, which the merged model keeps, where they
    /// are of other tokens in the merged vocabulary.
    func notes(onIDsOf own: TokenList?, in merged: [String?]) -> [String] {
        guard let own, let data = directory.configuration,
            let named = try? JSONDecoder().decode(NamedIDs.self, from: data).all, !named.isEmpty
        else { return [] }
        let texts = own.tokens.reduce(into: [:]) { $0[Int($1.id)] = $1.token }
        return named.compactMap { key, id in
            guard let text = texts[id], id >= merged.count || merged[id] != text else { return nil }
            let place = merged.firstIndex { $0 == text }
            return "config.json says \(key) \(id), which was \(quoted(text)) and is "
                + (id < merged.count ? merged[id].map(quoted) ?? "no token" : "no token")
                + " in the merged vocabulary; "
                + (place.map { "change it to \($0) there and in generation_config.json." }
                    ?? "choose another token there and in generation_config.json.")
        }
    }
}

/// The ids of tokens that a `config.json` names, by their keys.
private struct NamedIDs: Decodable {
    let all: [(key: String, id: Int)]

    private enum Key: String, CodingKey, CaseIterable {
        case beginning = "bos_token_id"
        case end = "eos_token_id"
        case padding = "pad_token_id"
        case start = "decoder_start_token_id"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        all = Key.allCases.flatMap { key in
            let several = try? container.decode([Int].self, forKey: key)
            let ids = several ?? (try? container.decode(Int.self, forKey: key)).map { [$0] } ?? []
            return ids.map { (key.rawValue, $0) }
        }
    }
}
