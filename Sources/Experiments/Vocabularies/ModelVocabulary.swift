internal import Checkpoints
internal import FoundationEssentials
internal import Merging
internal import OrderedCollections
internal import Tokenizers

/// The tokens of one model of a merge, and the tables that have a row for each.
struct ModelVocabulary: Sendable {
    let reference: ModelReference
    /// Its tokens; those of the base where it has no tokenizer of its own.
    let tokens: TokenList
    /// Where they were read.
    let directory: ModelDirectory
    /// The number of rows of its tables, which may be more or fewer than its tokens.
    let rows: Int
    /// Whether it has no tokenizer of its own.
    let isBorrowed: Bool

    /// The row of a token, or `nil` where the model has none for it.
    func row(of token: String) -> Int? {
        tokens.id(of: token).map(Int.init).flatMap { $0 < rows ? $0 : nil }
    }
}

extension ModelVocabulary {
    /// Reads the tokens of the models of a merge, the base first, which is the one that lends its
    /// tokens to models without any.
    ///
    /// - Throws: `VocabularyError` where the first model has none, or no table.
    static func all(of models: [SourceModel], as template: SourceModel) throws -> [Self] {
        let tables = VocabularyTables(of: template)
        guard let rows = tables.rows else {
            throw VocabularyError.noTable(model: template.reference.description)
        }
        guard let own = try template.readTokens() else {
            throw VocabularyError.noTokenizer(directory: template.directory.url.path)
        }
        return try models.map { model in
            let read = model.reference == template.reference ? own : try model.readTokens()
            return ModelVocabulary(
                reference: model.reference,
                tokens: read?.tokens ?? own.tokens,
                directory: read?.directory ?? own.directory,
                rows: tables.rows(in: model) ?? rows,
                isBorrowed: read == nil
            )
        }
    }
}

extension SourceModel {
    /// The tokens of the adapter's directory or of the model's, whichever has a tokenizer.
    fileprivate func readTokens() throws -> (tokens: TokenList, directory: ModelDirectory)? {
        for place in [adapter, directory].compactMap(\.self) {
            if let tokens = try TokenList(directory: place.url) { return (tokens, place) }
        }
        return nil
    }
}

/// The tables by token of the model whose names count.
struct VocabularyTables: Sendable {
    /// Their names, the one that ids are looked up in first.
    let names: [String]
    /// The number of their rows, `nil` where there is none.
    let rows: Int?
    private let all: [String]

    init(of template: SourceModel) {
        let weights = template.member.weights.filter { $0.value.isFloatingPoint }
        all = Array(template.member.weights.keys)
        let input = weights.first { TokenTables.isInput($0.key) && $0.value.shape.count == 2 }
        let count = input.map { TokenTables.rows(of: $0.value.shape) }
        rows = count
        let others = weights.filter { name, view in
            name != input?.key && TokenTables.contains(name)
                && TokenTables.rows(of: view.shape) == count
        }
        names = (input.map { [$0.key] } ?? []) + others.map(\.key)
    }

    /// The number of rows that a model's tables have, `nil` where it has none of its own.
    func rows(in model: SourceModel) -> Int? {
        let weights = model.member.weights
        let places = NameMatching(wanted: all, available: Array(weights.keys)).matches
        return names.lazy.compactMap { places[$0].flatMap { weights[$0] } }.first
            .map { TokenTables.rows(of: $0.shape) }
    }
}
