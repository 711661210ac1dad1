internal import Foundation
internal import Merging
internal import Presentation
internal import Tasks

/// A run: how far it has come, its coefficients, and its scores where it has ended.
struct RunInspection: Inspection {
    private let path: String
    private let kind = "run"
    /// The number of measured steps, the one before the first update among them.
    private let steps: Int
    private let last: HistoryEntry?
    private let coefficients: Coefficients?
    private let evaluation: [TaskEvaluation]?

    init(_ url: URL) throws {
        let run = RunDirectory(url)
        path = run.url.path
        coefficients =
            run.has(run.coefficients)
            ? try RunJSON.decode(Coefficients.self, from: run.coefficients) : nil
        evaluation =
            run.has(run.evaluation)
            ? try RunJSON.decode([TaskEvaluation].self, from: run.evaluation) : nil
        let lines =
            run.has(run.history)
            ? try Data(contentsOf: run.history).split(separator: UInt8(ascii: "\n")) : []
        steps = lines.count
        last = lines.last.flatMap { try? JSONDecoder().decode(HistoryEntry.self, from: $0) }
        if let coefficients, !coefficients.isRectangular {
            throw ExperimentError.notARun(path, reason: "the rows of its lambda differ in length")
        }
    }

    func text(width: Int?) -> String {
        var facts = Facts()
        facts.add("path", path)
        facts.add("state", evaluation == nil ? "not finished: learn continues it" : "finished")
        facts.add("steps", last.map { "\($0.step)" })
        facts.add("objective", last.map { NumberText.fixed($0.total, decimals: 4) })
        facts.add("granularity", coefficients?.granularity.rawValue)
        facts.add("models", coefficients?.models.joined(separator: ", "))
        let tables = [evaluation.map(scores), coefficients.map(lambda)].compactMap(\.self)
        return facts.text(width: width)
            + tables.map { "\n" + $0.text(width: width) }.joined()
    }

    private func lambda(_ coefficients: Coefficients) -> TextTable {
        var table = TextTable(
            [.text("group"), .number("tensors")] + coefficients.models.map { .number($0) }
        )
        for (group, row) in zip(coefficients.groups, coefficients.lambda) {
            table.add(
                [group.name, "\(group.parameters.count)"]
                    + row.map { NumberText.fixed(Double($0), decimals: 4) }
            )
        }
        return table
    }

    /// The accuracies of all models on all tasks, or their entropies where labels are missing.
    private func scores(_ evaluation: [TaskEvaluation]) -> TextTable {
        let known = ["base", "initial", "merged", "expert"]
        let names = Set(evaluation.flatMap(\.scores.keys))
        let models = known.filter(names.contains) + names.subtracting(known).sorted()
        var table = TextTable(
            [.text("task"), .text("split"), .text("score"), .number("examples")]
                + models.map { .number($0) }
        )
        for entry in evaluation {
            let hasLabels = entry.scores.values.contains { $0.accuracy != nil }
            table.add(
                [
                    entry.task, entry.split + (entry.transductive ? " (adapted on)" : ""),
                    hasLabels ? "accuracy" : "entropy", "\(entry.examples)",
                ]
                    + models.map { model in
                        let scores = entry.scores[model]
                        return scores.flatMap(\.accuracy).map {
                            NumberText.fixed($0 * 100, decimals: 1) + " %"
                        } ?? scores.map { NumberText.fixed($0.entropy, decimals: 3) } ?? "–"
                    }
            )
        }
        return table
    }
}

extension Coefficients {
    /// Whether there is a row for every group and a number for every model.
    fileprivate var isRectangular: Bool {
        lambda.count == groups.count && lambda.allSatisfy { $0.count == models.count }
    }
}
