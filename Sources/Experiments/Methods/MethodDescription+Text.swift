extension MethodDescription {
    /// One row for each method.
    public static func table(of methods: [MethodDescription]) -> TextTable {
        var table = TextTable([.text("method"), .text("needs"), .text("summary"), .text("source")])
        for method in methods {
            table.add([method.name, method.needsInWords, method.summary, method.source])
        }
        return table
    }

    /// The card of the method for a terminal of so many columns; `nil` where lines may have any
    /// length.
    public func text(width: Int?) -> String {
        var facts = Facts()
        facts.add("needs", needsInWords)
        facts.add("source", source)
        facts.add("laws", laws.joined(separator: "; "))
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
