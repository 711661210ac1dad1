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
    /// The names of the tables that are laid out anew.
    let tables: Set<String>
    /// The directory whose tokenizer it is, or which it extends.
    let directory: ModelDirectory
    /// Where the tokenizers of its models were read.
    let sources: [ModelReference: ModelDirectory]
    /// The vocabulary in numbers, and what people should know of it.
    let summary: VocabularySummary
    private let models: [ModelVocabulary]
    /// Where each model's rows come from, and what those hold that are no rows of the model's own.
    private let layouts: [RowGathering.Layout]
    private let shared: [[EmbeddingOrigins.Source]]

    /// Merges the vocabularies of models, the base first where there is one.
    init(
        _ parameters: TokenizerParameters,
        of models: [SourceModel],
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

        var origins = try EmbeddingOrigins(parameters, of: models, base: base)
        layouts = origins.layouts(of: texts)
        shared = origins.shared
        self.models = models
        self.tables = Set(tables.names)
        (self.tokens, self.rows, directory) = (tokens, rows, chosen.directory)
        sources = models.filter { !$0.isBorrowed }
            .reduce(into: [:]) { $0[$1.reference] = $1.directory }
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

    /// How the tables of a pool of models, which are some of these, are laid out anew; one may stand
    /// there twice.
    ///
    /// - Throws: `VocabularyError.donorsElsewhere` where rows come from models that are not among them.
    func gathering(for pool: [ModelReference]) throws -> RowGathering {
        let places = pool.map { reference in models.firstIndex { $0.reference == reference } ?? 0 }
        let missing = Set(shared.joined().map(\.model)).subtracting(places)
        guard missing.isEmpty else {
            throw VocabularyError.donorsElsewhere(
                missing.sorted().map { models[$0].reference.description }
            )
        }
        return RowGathering(
            tables: tables,
            rows: rows,
            sourceRows: places.map { models[$0].rows },
            layouts: places.map { layouts[$0] },
            shared: shared.map { sources in
                sources.compactMap { source in
                    places.firstIndex(of: source.model).map { .init(model: $0, row: source.row) }
                }
            }
        )
    }

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
