/// The few things that a paper needs in LaTeX.
package enum LaTeX {
    /// A table in lines, for the package `booktabs`: texts at the left of their column, numbers at the
    /// right.
    package static func table(_ columns: [TextTable.Column], _ rows: [[String]]) -> [String] {
        let kinds = columns.map { $0.isNumber ? "r" : "l" }.joined()
        return ["\\begin{tabular}{\(kinds)}", "\\toprule", row(columns.map(\.title)), "\\midrule"]
            + rows.map { row(zip(columns, $0).map(minus)) } + ["\\bottomrule", "\\end{tabular}"]
    }

    /// A cell; what stands for a minus in a number is a hyphen in a text.
    private static func minus(_ column: TextTable.Column, _ cell: String) -> String {
        column.isNumber && cell.hasPrefix("-") ? "−" + cell.dropFirst() : cell
    }

    private static func row(_ cells: [String]) -> String {
        cells.map(escaped).joined(separator: " & ") + " \\\\"
    }

    /// A text on one line that stands in a document as it is, whatever it holds.
    package static func escaped(_ text: String) -> String {
        let line = String(text.map { $0.isNewline ? " " : $0 }).printable
        // Hyphens in a row would become dashes.
        return line.map { special[$0] ?? String($0) }.joined()
            .replacing("--", with: "-{}-").replacing("--", with: "-{}-")
    }

    // Commands end with a group, for the space behind them would be lost. A bracket or an asterisk
    // behind the `\\` of the row before would belong to it.
    private static let special: [Character: String] = [
        "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
        "%": "\\%", "_": "\\_", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}",
        "<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}", "\"": "''",
        "[": "{[}", "]": "{]}", "*": "{*}", "`": "\\textasciigrave{}", "–": "\\textendash{}",
        "—": "\\textemdash{}", "…": "\\dots{}", "−": "$-$", "±": "$\\pm$", "×": "$\\times$",
        "·": "$\\cdot$",
        "λ": "$\\lambda$", "θ": "$\\theta$", "τ": "$\\tau$", "ρ": "$\\rho$",
        "α": "$\\alpha$", "σ": "$\\sigma$",
    ]
}
