internal import Checkpoints
internal import Foundation
internal import Presentation

/// A LoRA adapter: its settings, its updates, and what it replaces.
struct AdapterInspection: Inspection {
    private struct Update: Encodable, Sendable {
        let weight: String
        let shape: [Int]
        let rank: Int
        let scale: Float
        let elements: Int
    }

    private let path: String
    private let kind = "adapter"
    private let base: String?
    private let rank: Int
    private let alpha: Double
    private let taskType: String?
    private let updates: [Update]
    private let replaced: [TensorSummary]

    enum CodingKeys: String, CodingKey {
        case path, kind, base, rank, alpha, updates, replaced
        case taskType = "task_type"
    }

    init(_ url: URL) throws {
        let adapter = try Adapter(at: url)
        path = url.path
        base = adapter.configuration.baseModel
        rank = adapter.configuration.rank
        alpha = adapter.configuration.alpha
        taskType = adapter.configuration.taskType
        updates = adapter.updatedNames.compactMap { name in
            adapter.lowRank[name].map {
                Update(
                    weight: name,
                    shape: $0.weightShape,
                    rank: $0.rank,
                    scale: $0.scale,
                    elements: $0.a.count + $0.b.count
                )
            }
        }
        replaced = adapter.replaced.sorted { $0.key < $1.key }.map { TensorSummary($0.value) }
    }

    func text(width: Int?) -> String {
        let elements = updates.reduce(0) { $0 + $1.elements }
        var facts = Facts()
        facts.add("path", path)
        facts.add("base", base)
        facts.add("task", taskType)
        facts.add("rank, alpha", "\(rank), \(NumberText.significant(alpha))")
        facts.add(
            "updates",
            "\(updates.count) weights, \(NumberText.grouped(elements)) elements in A and B"
        )
        facts.add("replaces", replaced.isEmpty ? "nothing" : replaced.totals.text)
        var table = TextTable([
            .text("updated weight"), .text("shape"), .number("rank"), .number("scale"),
            .number("elements"),
        ])
        for update in updates {
            table.add([
                update.weight, "\(update.shape)", "\(update.rank)",
                NumberText.significant(Double(update.scale)), NumberText.grouped(update.elements),
            ])
        }
        let tables = [(table, updates.isEmpty), (replaced.table(), replaced.isEmpty)]
        return facts.text(width: width)
            + tables.filter { !$0.1 }.map { "\n" + $0.0.text(width: width) }.joined()
    }
}
