/// The few things that a model card needs to say in Markdown.
package enum Markdown {
    /// A table of cells, in lines.
    package static func table(_ columns: [String], _ rows: [[String]]) -> [String] {
        guard !rows.isEmpty else { return [] }
        return ([columns, columns.map { _ in "---" }] + rows).map { cells in
            "| " + cells.map(cell).joined(separator: " | ") + " |"
        }
    }

    /// A few words as code, whatever they hold.
    package static func code(_ text: String) -> String {
        let line = String(text.map { $0.isNewline ? " " : $0 })
        let fence = String(repeating: "`", count: longestRun(of: "`", in: line) + 1)
        return fence.count == 1 ? "`\(line)`" : "\(fence) \(line) \(fence)"
    }

    /// A block of lines as code.
    package static func block(_ text: String, _ language: String) -> String {
        let fence = String(repeating: "`", count: max(3, longestRun(of: "`", in: text) + 1))
        let end = text.hasSuffix("\n") ? "" : "\n"
        return "\(fence)\(language)\n\(text)\(end)\(fence)"
    }

    /// A share in percent, with one decimal.
    package static func percent(_ share: Double) -> String {
        guard share.isFinite, abs(share) < 1e6 else { return "–" }
        return NumberText.fixed(share * 100, decimals: 1)
    }

    private static func cell(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 }).replacing("|", with: "\\|")
    }

    private static func longestRun(of mark: Character, in text: String) -> Int {
        text.split(whereSeparator: { $0 != mark }).map(\.count).max() ?? 0
    }
}
