internal import Checkpoints
internal import FoundationEssentials
internal import Tokenizers

/// The tokenizer that a merged model gets, as files.
///
/// They are copies of the files of one of its models, in which only what the merge changes is
/// replaced: the added tokens and the chat template.
struct TokenizerOutput: Sendable {
    /// The model whose configuration the merged one has; what is not of the tokenizer comes from it.
    let template: ModelDirectory
    /// The tokens and whose tokenizer they extend, where the recipe says something of them.
    let vocabulary: MergedVocabulary?
    /// The chat template, where the recipe says one.
    let chatTemplate: String?

    /// The tokenizer that a recipe gives to the merge of some models.
    init(_ recipe: Recipe, of models: SourceModels) throws {
        (template, vocabulary) = (models.template.directory, models.vocabulary)
        chatTemplate = try recipe.chatTemplate?.text(among: models.all.map(\.directory))
        let holder = vocabulary?.directory ?? template
        guard chatTemplate == nil || !holder.companions.keeping(.tokenizer).files.isEmpty
        else { throw VocabularyError.noTokenizer(directory: holder.url.path) }
    }

    /// The files that are copied.
    var companions: [Companions] {
        guard let vocabulary, vocabulary.directory.url != template.url else {
            return [template.companions]
        }
        return [
            template.companions.leavingOut(.tokenizer),
            vocabulary.directory.companions.keeping(.tokenizer),
        ]
    }

    /// Changes the copied files as the merge does.
    @Sendable func change(in directory: URL) throws {
        if let vocabulary { try write(vocabulary.tokens, to: directory) }
        if let chatTemplate { try write(chatTemplate, to: directory) }
    }

    /// Replaces the added tokens wherever the files list them.
    private func write(_ tokens: TokenList, to directory: URL) throws {
        let added = tokens.addedTokens
        guard added.map(\.token) != tokens.filed else { return }
        let whole = try JSONFile("tokenizer.json", in: directory)
        try whole?.change { json in
            let tokens = added.map { "\n    \($0.token.json(id: $0.id))" }
            json.set("added_tokens", to: "[" + tokens.joined(separator: ",") + "\n  ]")
        }
        try JSONFile("tokenizer_config.json", in: directory)?.change { json in
            let tokens = added.map { "\n    \"\($0.id)\": \($0.token.json())" }
            json.replace(
                ["added_tokens_decoder"],
                with: "{" + tokens.joined(separator: ",") + "\n  }"
            )
        }
        // A vocabulary without `tokenizer.json` has what is added to it in a file of its own.
        let file = directory.appending(path: "added_tokens.json")
        guard whole == nil || FileManager.default.fileExists(atPath: file.path) else { return }
        let outside = added.filter { !tokens.isInVocabulary($0.token.content) }
        let members = outside.map { "\n  \(EditedJSON.text($0.token.content)): \($0.id)" }
        try AtomicFile.write("{" + members.joined(separator: ",") + "\n}\n", to: file)
    }

    /// Writes the template wherever the files have one, and always into the tokenizer's settings.
    private func write(_ template: String, to directory: URL) throws {
        let text = EditedJSON.text(template)
        let settings = directory.appending(path: "tokenizer_config.json")
        if let file = try JSONFile("tokenizer_config.json", in: directory) {
            try file.change { $0.set("chat_template", to: text) }
        } else {
            try AtomicFile.write("{\n  \"chat_template\": \(text)\n}\n", to: settings)
        }
        try JSONFile("chat_template.json", in: directory)?.change {
            $0.set("chat_template", to: text)
        }
        let file = directory.appending(path: "chat_template.jinja")
        if FileManager.default.fileExists(atPath: file.path) {
            try AtomicFile.write(template, to: file)
        }
    }
}

extension TokenList.Added {
    /// The token as the files of tokenizers describe it, with its id or without.
    fileprivate func json(id: Int32? = nil) -> String {
        let flags: [(String, Bool)] = [
            ("single_word", isSingleWord), ("lstrip", stripsLeft), ("rstrip", stripsRight),
            ("normalized", isNormalized), ("special", isSpecial),
        ]
        let members =
            (id.map { ["\"id\": \($0)"] } ?? []) + ["\"content\": \(EditedJSON.text(content))"]
            + flags.map { "\"\($0)\": \($1)" }
        return "{" + members.joined(separator: ", ") + "}"
    }
}
