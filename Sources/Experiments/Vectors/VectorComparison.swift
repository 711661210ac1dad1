internal import Foundation
public import Merging
internal import Presentation
public import Tensors

/// `merganser vector compare`: how the task vectors of several models lie to each other.
public enum VectorComparison {
    /// Compares the task vectors of models, each a checkpoint, an adapter or a file of a vector; all
    /// are given by their paths or ids.
    public static func run(
        base: String,
        models: [String],
        granularity: Granularity = .layer,
        workers: Workers = .all,
        observer: Observer = Observer()
    ) throws -> TaskVectorRelations {
        let opened = try VectorModels(base: base, experts: models)
        let groups = granularity.groups(of: opened.pool.parameters.map(\.name))
        observer.begin("comparing", groups.count + 1)
        return try TaskVectorRelations(
            of: opened.pool,
            named: ShortNames.of(opened.experts.map(\.shortTitle)),
            granularity: granularity,
            workers: workers
        ) {
            observer.advance(1)
            if observer.isCancelled() { throw CancellationError() }
        }
    }
}

extension SourceModel {
    /// What a table calls it; a file goes without the end of its name.
    fileprivate var shortTitle: String {
        vector?.url.deletingPathExtension().lastPathComponent ?? reference.title
    }
}

extension TaskVectorRelations {
    /// The layers; none where one is the whole.
    var layers: [Group] { groups.count > 1 ? groups : [] }
}

/// What may be drawn of a comparison.
public enum VectorMeasure: String, Sendable, CaseIterable {
    /// The cosine of the angle between two task vectors.
    case cosine
    /// The share of entries that both change in different directions.
    case conflict
    /// What the largest entries have in common.
    case overlap

    /// The measure of a pair.
    public func value(of pair: TaskVectorRelations.Pair) -> Double? {
        switch self {
        case .cosine: pair.cosine
        case .conflict: pair.conflict
        case .overlap: pair.overlap
        }
    }

    /// As tables and drawings call it.
    var title: String {
        switch self {
        case .cosine: "cosine of task vectors"
        case .conflict: "share of entries with opposite signs"
        case .overlap: "overlap of the largest entries"
        }
    }
}

extension TaskVectorRelations {
    /// Tables for a terminal of so many columns: the norms, and the pairs, as wholes and by layer.
    public func text(width: Int?) -> String {
        var norms = TextTable([.text("norm"), .number("entries")] + models.map { .number($0) })
        for group in [overall] + layers {
            norms.add(
                [group.name, NumberText.grouped(group.entries)]
                    + group.norms.map(NumberText.significant)
            )
        }
        var tables = [norms]
        for index in overall.pairs.indices {
            let names = overall.pairs[index]
            var table = TextTable([
                .text("\(names.first) and \(names.second)"), .number("cosine"),
                .number("sign conflict"), .number("overlap"),
            ])
            for group in [overall] + layers {
                let pair = group.pairs[index]
                table.add([
                    group.name, pair.cosine.map { NumberText.fixed($0, decimals: 3) } ?? "–",
                    NumberText.fixed(pair.conflict * 100, decimals: 1) + " %",
                    pair.overlap.map { NumberText.fixed($0 * 100, decimals: 1) + " %" } ?? "–",
                ])
            }
            tables.append(table)
        }
        let share = NumberText.fixed(largest * 100, decimals: 0)
        let note = """
            Sign conflict: entries that both change, in different directions, of all. Overlap: what the \
            largest \(share) % of both have in common.
            """
        return tables.map { $0.text(width: width) + "\n" }.joined()
            + note.wrapped(toWidth: width ?? .max).map { $0 + "\n" }.joined()
    }
}
