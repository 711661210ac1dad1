internal import Merging
internal import OrderedCollections

/// Where the embedding of each token comes from, for each model of a merge.
struct EmbeddingOrigins {
    /// A row of a model, by its place among the models.
    struct Source: Hashable {
        let model: Int
        let row: Int
    }

    /// What rows that a model takes from elsewhere hold: the mean of these, or zeros.
    private(set) var shared: [[Source]] = []
    /// The tokens that no model has an embedding of, and of which the recipe says nothing.
    private(set) var orphans: [String] = []
    private let models: [ModelVocabulary]
    private let base: Int?
    /// By the bytes of the token: two spellings of one accented letter are two tokens.
    private let named: [[UInt8]: Named]

    /// What the recipe says of a token.
    private struct Named {
        /// Where its embedding comes from: a row, or zeros; `nil` for the rule to say.
        let sources: [Source]?
        let isForced: Bool
    }

    /// Looks up every row that the recipe names.
    ///
    /// - Throws: `VocabularyError.sources`, with all that are not there.
    init(
        _ parameters: TokenizerParameters,
        of models: [ModelVocabulary],
        base: ModelReference?
    ) throws {
        self.models = models
        self.base = base.flatMap { base in models.firstIndex { $0.reference == base } }
        var named: [[UInt8]: Named] = [:]
        var faults: [VocabularyError.Fault] = []
        for (token, settings) in parameters.tokens {
            do {
                let sources = try settings.source.map {
                    try Self.sources($0, of: token, in: models)
                }
                named[Array(token.utf8)] = Named(sources: sources, isForced: settings.force)
            } catch let Missing.here(reason) {
                faults.append(.init(token: token, reason: reason))
            }
        }
        guard faults.isEmpty else { throw VocabularyError.sources(faults) }
        self.named = named
    }

    /// The layouts of every model's tables for the tokens of the rows; rows without a token are unused.
    mutating func layouts(of tokens: [String?]) -> [RowGathering.Layout] {
        var layouts = models.map { _ in RowGathering.Layout() }
        for token in tokens {
            guard let token else {
                for index in layouts.indices { layouts[index].appendUnused() }
                continue
            }
            let own = models.map { $0.row(of: token) }
            let isForced = settings(of: token)?.isForced ?? false
            var index: Int?
            for (model, row) in own.enumerated() {
                if let row, !isForced {
                    layouts[model].append(own: row)
                    continue
                }
                if index == nil {
                    index = shared.count
                    shared.append(elsewhere(token, own))
                }
                layouts[model].append(shared: index ?? 0)
            }
        }
        return layouts
    }

    /// Where the embedding of a token comes from for models that lack it.
    private mutating func elsewhere(_ token: String, _ own: [Int?]) -> [Source] {
        if let sources = settings(of: token)?.sources { return sources }
        let having = own.enumerated().compactMap { model, row in
            row.map { Source(model: model, row: $0) }
        }
        if having.isEmpty { orphans.append(token) }
        if having.count > 1, let base, let row = own[base] {
            return [Source(model: base, row: row)]
        }
        return having
    }

    private func settings(of token: String) -> Named? {
        named.isEmpty ? nil : named[Array(token.utf8)]
    }

    private enum Missing: Error {
        case here(String)
    }

    private static func sources(
        _ embedding: TokenizerParameters.Embedding,
        of token: String,
        in models: [ModelVocabulary]
    ) throws(Missing) -> [Source] {
        func place(_ reference: ModelReference) throws(Missing) -> Int {
            if let place = models.firstIndex(where: { $0.reference == reference }) { return place }
            throw .here("\(reference.title) is not a model of the merge")
        }
        func row(of token: String, _ model: Int) throws(Missing) -> Source {
            guard let row = models[model].row(of: token) else {
                throw .here("\(models[model].reference.title) has no embedding of it")
            }
            return Source(model: model, row: row)
        }
        switch embedding {
        case .zero: return []
        case .model(let reference): return [try row(of: token, place(reference))]
        case .token(let other, let reference):
            let model = try place(reference)
            guard let row = models[model].row(of: other) else {
                throw .here("\(reference.title) has no embedding of the token \(other)")
            }
            return [Source(model: model, row: row)]
        case .identifier(let id, let reference):
            let model = try place(reference)
            guard id < models[model].rows else {
                throw .here(
                    "\(reference.title) has no row \(id) among its \(models[model].rows)"
                )
            }
            return [Source(model: model, row: id)]
        }
    }
}
