internal import Checkpoints
internal import FoundationEssentials
internal import Merging
internal import OrderedCollections
internal import Tokenizers

/// The vocabulary of a merged model: its tokens, and for each of its models where the embeddings of
/// these tokens come from.
///
/// The rules are mergekit's. A token that a model has keeps that model's row. Where it has none, the
/// row is the one that the recipe names for the token, else that of the only model that has it, else
/// the base's, else the mean of those of the models that have it; zeros if there is none.
struct MergedVocabulary: Sendable {
    /// The tokens.
    let tokens: TokenList
    /// The number of rows, padding included.
    let rows: Int
    /// How the models' tables are laid out anew.
    let gathering: RowGathering
    /// The directory whose tokenizer it is, or which it extends.
    let directory: ModelDirectory
    /// Where the tokenizers of its models were read.
    let sources: [ModelReference: ModelDirectory]
    /// The vocabulary in numbers, and what people should know of it.
    let summary: VocabularySummary

    /// Merges the vocabularies of models, the base first where there is one.
    ///
    /// `pool` are the models in the order in which they are merged; one may stand there twice.
    init(
        _ parameters: TokenizerParameters,
        of models: [SourceModel],
        in pool: [ModelReference],
        as template: SourceModel,
        base: ModelReference?
    ) throws {
        let models = try ModelVocabulary.all(of: models, as: template)
        let tables = VocabularyTables(of: template)
        let chosen = try VocabularyChoice(parameters, of: models)
        let tokens = try chosen.tokens.adding(
            parameters.tokens.keys.filter { chosen.tokens.id(of: $0) == nil }.map(TokenList.plain)
        )
        let entries = tokens.tokens
        let rows = Self.padded(
            Int(entries.last?.id ?? -1) + 1,
            toMultipleOf: parameters.padToMultipleOf
        )
        guard rows <= Self.limit else {
            throw VocabularyError.tooManyRows(
                rows,
                directory: chosen.directory.url.path,
                limit: Self.limit
            )
        }
        var texts = [String?](repeating: nil, count: rows)
        for (id, token) in entries { texts[Int(id)] = token }

        let places = pool.map { reference in models.firstIndex { $0.reference == reference } ?? 0 }
        var origins = try EmbeddingOrigins(parameters, of: models, base: base)
        let layouts = origins.layouts(of: texts)
        (self.tokens, self.rows, directory) = (tokens, rows, chosen.directory)
        sources = models.filter { !$0.isBorrowed }
            .reduce(into: [:]) { $0[$1.reference] = $1.directory }
        gathering = RowGathering(
            tables: Set(tables.names),
            rows: rows,
            sourceRows: places.map { models[$0].rows },
            layouts: places.map { layouts[$0] },
            shared: origins.shared.map { sources in
                sources.compactMap { source in
                    places.firstIndex(of: source.model).map { .init(model: $0, row: source.row) }
                }
            }
        )
        summary = VocabularySummary(
            source: parameters.source.title,
            tokens: tokens.count,
            rows: rows,
            tables: tables.names,
            models: models.map { model in
                let missing = entries.count { model.row(of: $0.token) == nil }
                return .init(
                    name: model.reference.title,
                    tokens: model.tokens.count,
                    rows: model.rows,
                    missing: missing,
                    added: chosen.added[model.reference] ?? []
                )
            },
            added: parameters.tokens.keys.filter { chosen.tokens.id(of: $0) == nil },
            notes: models.filter(\.isBorrowed).map(\.note) + chosen.notes
                + EmbeddingOrigins.notes(onOrphans: origins.orphans)
                + template.notes(onIDsOf: models.first?.tokens, in: texts)
        )
    }

    /// Many times the largest vocabulary there is: a file may not ask for all memory.
    private static let limit = 1 << 22

    private static func padded(_ count: Int, toMultipleOf factor: Int?) -> Int {
        guard let factor, factor > 1, count > 0 else { return count }
        let (rows, overflow) = ((count - 1) / factor + 1).multipliedReportingOverflow(by: factor)
        return overflow ? .max : rows
    }
}

/// The vocabulary of a merged model in numbers.
public struct VocabularySummary: Codable, Sendable, Equatable {
    /// What one model has to do with it.
    public struct Model: Codable, Sendable, Equatable {
        /// The model.
        public var name: String
        /// The number of its tokens, and of the rows of its tables.
        public var tokens, rows: Int
        /// How many tokens of the merged vocabulary it has no embedding for.
        public var missing: Int
        /// The tokens that it brings.
        public var added: [String]
    }

    /// `union`, `base` or a model.
    public var source: String
    /// The number of tokens, and of the rows of the tables, padding included.
    public var tokens, rows: Int
    /// The tables that move with their tokens.
    public var tables: [String]
    /// The models, the base first.
    public var models: [Model]
    /// The tokens that the recipe adds.
    public var added: [String]
    /// What people should know, each in one sentence.
    public var notes: [String]
}

extension TokenizerParameters.Source {
    /// What people read of it.
    var title: String {
        switch self {
        case .union: "union"
        case .base: "base"
        case .model(let reference): reference.title
        }
    }
}
