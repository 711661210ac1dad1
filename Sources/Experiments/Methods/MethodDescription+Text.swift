internal import Merging
internal import Presentation

extension MethodDescription {
    /// Methods by category, each in a line where the width allows it: what it does, and what it needs
    /// besides the models.
    public static func list(of methods: [MethodDescription], width: Int?) -> String {
        let margin = 2
        let names = methods.map(\.name.displayWidth).max() ?? 0
        let room = width.map { max($0 - margin - names - 2, 16) } ?? .max
        let sections = MethodCard.Category.allCases.map(\.rawValue).map { category in
            let members = methods.filter { $0.category == category }
            let lines = members.flatMap { method in
                (method.summary + method.needsBeside).wrapped(toWidth: room).enumerated().map {
                    index,
                    line in
                    String(repeating: " ", count: margin)
                        + (index == 0 ? method.name : "").padded(toWidth: names + 2) + line + "\n"
                }
            }
            return members.isEmpty ? "" : category + "\n" + lines.joined()
        }
        return sections.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// What people have to bring, in brackets.
    private var needsBeside: String { needs.isEmpty ? "" : " [\(needsInWords)]" }

    /// The card of the method for a terminal of so many columns; `nil` where lines may have any
    /// length.
    public func text(width: Int?) -> String {
        var facts = Facts()
        facts.add("category", category)
        facts.add("needs", needsInWords)
        facts.add("source", source)
        facts.add("laws", laws.joined(separator: "; "))
        facts.add("prepares", preparesTaskVectors ? "task_vectors: {method: \(name)}" : nil)
        facts.add(
            "accepts",
            accepted.isEmpty ? nil : accepted.joined(separator: ", ") + " (unused)"
        )
        let heading = "\(name): \(summary)".wrapped(toWidth: width ?? .max)
        let sections = [
            heading.map { $0 + "\n" }.joined(),
            equation.wrapped(toWidth: (width ?? .max) - 4).map { "    \($0)\n" }.joined(),
            facts.text(width: width),
            options.isEmpty ? "" : optionTable.text(width: width),
            // A recipe is copied as it is, so its lines are never wrapped.
            "example\n" + example.split(separator: "\n").map { "    \($0)\n" }.joined(),
        ]
        return sections.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var needsInWords: String { needs.isEmpty ? "–" : needs.joined(separator: ", ") }

    private var optionTable: TextTable {
        var table = TextTable([
            .text("option"), .text("of"), .text("default"), .text("what it does"),
        ])
        for option in options {
            table.add([option.name, option.scope, option.fallback ?? "required", option.summary])
        }
        return table
    }
}
