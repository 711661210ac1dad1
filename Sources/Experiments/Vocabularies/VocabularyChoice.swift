internal import Checkpoints
internal import FoundationEssentials
internal import Tokenizers

/// The tokens that a recipe's `tokenizer_source` means, before it names single ones.
struct VocabularyChoice: Sendable {
    let tokens: TokenList
    /// The directory whose tokenizer they are, or extend.
    let directory: ModelDirectory
    /// The tokens that models bring to it.
    private(set) var added: [ModelReference: [String]] = [:]
    /// The tokens that have no embeddings in the base, and are left out.
    private(set) var dropped: [String] = []

    /// Chooses among the vocabularies of models, the base first.
    init(_ parameters: TokenizerParameters, of models: [ModelVocabulary]) throws {
        switch parameters.source {
        case .model(let reference):
            if let model = models.first(where: { $0.reference == reference }), !model.isBorrowed {
                (tokens, directory) = (model.tokens, model.directory)
                return
            }
            directory = try ModelDirectory(opening: reference.model)
            guard let read = try TokenList(directory: directory.url) else {
                throw VocabularyError.noTokenizer(directory: directory.url.path)
            }
            tokens = read
        case .base:
            (tokens, dropped) = try models[0].embeddedTokens()
            directory = models[0].directory
        case .union:
            let (own, dropped) = try models[0].embeddedTokens()
            let additions = Self.additions(to: own, from: models)
            tokens = try own.adding(additions.map(\.token))
            directory = models[0].directory
            self.dropped = dropped
            for (reference, token) in additions where own.id(of: token.content) == nil {
                added[reference, default: []].append(token.content)
            }
        }
    }

    /// What other models add to the base's tokens: what their vocabularies hold beyond it, model by
    /// model, then what they have as added tokens.
    ///
    /// Tokens without embeddings in their own model count for nothing. mergekit adds the same tokens,
    /// the models and each one's tokens in an order that changes from run to run.
    private static func additions(
        to base: TokenList,
        from models: [ModelVocabulary]
    ) -> [(ModelReference, token: TokenList.Added)] {
        let others = models.dropFirst().filter { !$0.isBorrowed }
        let special = others.flatMap { model in
            model.tokens.addedTokens.filter { $0.id < model.rows }
                .map { (model.reference, token: $0.token) }
        }
        let plain = others.flatMap { model in
            model.tokens.tokens.filter { id, token in
                id < model.rows && base.id(of: token) == nil && !model.tokens.isAdded(token)
                    && !others.contains { $0.tokens.isAdded(token) && $0.row(of: token) != nil }
            }
            .map { (model.reference, token: TokenList.plain($0.token)) }
        }
        var known = Set<[UInt8]>()
        return (plain + special).filter { known.insert(Array($0.token.content.utf8)).inserted }
    }
}

extension ModelVocabulary {
    /// The tokens that have embeddings, and the added ones that have none.
    ///
    /// - Throws: `VocabularyError.tokensWithoutRows` where others have none: without them, the
    ///   tokenizer would be another one.
    fileprivate func embeddedTokens() throws -> (TokenList, dropped: [String]) {
        let beyond = tokens.tokens.filter { $0.id >= rows }.map(\.token)
        if beyond.isEmpty { return (tokens, []) }
        let inside = beyond.filter(tokens.isInVocabulary)
        guard inside.isEmpty else {
            throw VocabularyError.tokensWithoutRows(
                directory: directory.url.path,
                tokens: inside,
                rows: rows
            )
        }
        return (try tokens.droppingAdded(from: rows), beyond)
    }
}
