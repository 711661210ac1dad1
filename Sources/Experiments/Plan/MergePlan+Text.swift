internal import Checkpoints
internal import Foundation
internal import Presentation

extension MergePlan {
    /// The plan for people.
    public func text(width: Int?) -> String {
        var table = TextTable(
            [.text("model"), .text("kind"), .number("tensors"), .number("size"), .text("path")]
        )
        for model in models {
            table.add(
                [
                    model.name, model.kind, String(model.parameters), Self.size(model.bytes),
                    model.path,
                ]
            )
        }
        var data = TextTable(
            [
                .text("task"), .number("adapt"), .number("select"), .number("evaluate"),
                .number("tokens each"),
            ]
        )
        for task in tasks {
            data.add(
                [
                    task.name, String(task.adapt), String(task.select), String(task.evaluate),
                    task.tokens.formatted(.number.precision(.fractionLength(1))),
                ]
            )
        }
        var facts = TextTable([.text("the merge"), .text("")])
        facts.add(["method", method])
        facts.add(["merged tensors", "\(tensors), \(Self.short(Double(elements))) elements"])
        if let vocabulary {
            let padding = vocabulary.rows - vocabulary.tokens
            let rows = padding > 0 ? ", \(vocabulary.rows) rows" : ""
            facts.add(["tokenizer", "\(vocabulary.source): \(vocabulary.tokens) tokens\(rows)"])
            facts.add(["tables by token", vocabulary.tables.joined(separator: ", ")])
            for model in vocabulary.models where !model.added.isEmpty {
                facts.add(["new from \(model.name)", Self.listed(model.added)])
            }
            if !vocabulary.added.isEmpty {
                facts.add(["new from the recipe", Self.listed(vocabulary.added)])
            }
            for model in vocabulary.models where model.missing > 0 {
                facts.add(["\(model.name) lacks", "\(model.missing) tokens"])
            }
            for note in vocabulary.notes { facts.add(["note", note]) }
        }
        if let chatTemplate {
            facts.add(["chat template", String(chatTemplate.split(separator: "\n").first ?? "")])
        }
        if let coefficients { facts.add(["coefficients", String(coefficients)]) }
        if let operationsPerStep { facts.add(["a step", Self.short(operationsPerStep) + "FLOP"]) }
        facts.add(["in all", Self.short(operations) + "FLOP"])
        let (time, unit) = minutes < 1 ? (60 * minutes, "s") : (minutes, "min")
        let amount = time.formatted(.number.precision(.fractionLength(1)))
        facts.add(["time here, now", "\(amount) \(unit)"])
        facts.add(["memory beyond files", Self.size(memory)])
        facts.add(["merged checkpoint", Self.size(disk)])
        return ([table] + (tasks.isEmpty ? [] : [data]) + [facts]).map { $0.text(width: width) }
            .joined(separator: "\n")
    }

    private static func listed(_ tokens: [String]) -> String {
        let noun = tokens.count == 1 ? "token" : "tokens"
        let names = tokens.prefix(4).map(quoted).joined(separator: ", ")
        return "\(tokens.count) \(noun): \(names)\(tokens.count > 4 ? ", …" : "")"
    }

    private static func size(_ bytes: Int) -> String {
        let megabytes = Double(bytes) / 1e6
        return megabytes >= 1000
            ? (megabytes / 1000).formatted(.number.precision(.fractionLength(2))) + " GB"
            : megabytes.formatted(.number.precision(.fractionLength(1))) + " MB"
    }

    private static func short(_ number: Double) -> String {
        for (limit, unit) in [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
        where number >= limit {
            return (number / limit).formatted(.number.precision(.fractionLength(1))) + " " + unit
        }
        return number.formatted(.number.precision(.fractionLength(0))) + " "
    }
}
