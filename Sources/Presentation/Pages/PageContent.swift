/// A piece of a page: what of it is text is escaped when the page is written.
package enum PageContent: Sendable, Equatable {
    /// A paragraph.
    case paragraph([PageText])
    /// Points of a list.
    case list([[PageText]])
    /// A table whose numbers stand at the right.
    case table(columns: [TextTable.Column], rows: [[String]], caption: String = "")
    /// Lines of a program or a recipe.
    case code(String)
    /// Such lines that are folded away under a summary.
    case folded(summary: String, code: String)
    /// Drawings side by side where there is room.
    case figures([PageFigure])

    /// A paragraph of plain text.
    package static func paragraph(_ text: String) -> PageContent { .paragraph([.plain(text)]) }
}

/// A part of a line.
package enum PageText: Sendable, Equatable {
    case plain(String)
    case strong(String)
    case code(String)
    /// A link to a file beside the page or to the web; a page loads nothing from there.
    case link(String, to: String)
}

/// A drawing with what is said of it.
package struct PageFigure: Sendable, Equatable {
    let drawing: Markup
    let caption: String

    package init(_ plot: some Plot, caption: String = "") {
        (drawing, self.caption) = (plot.drawing, caption)
    }
}

// MARK: Markup

extension PageContent {
    var markup: Markup {
        switch self {
        case .paragraph(let parts): .element("p", [:], parts.map(\.markup))
        case .list(let points):
            .element("ul", [:], points.map { .element("li", [:], $0.map(\.markup)) })
        case .table(let columns, let rows, let caption): Self.table(columns, rows, caption)
        case .code(let text): Self.block(text)
        case .folded(let summary, let code):
            .element("details", [:], [.element("summary", summary), Self.block(code)])
        case .figures(let figures):
            .element("div", ["class": "figures"], figures.map(\.markup))
        }
    }

    private static func block(_ text: String) -> Markup {
        .element("pre", [:], [.element("code", [:], [.lines(text)])])
    }

    private static func table(
        _ columns: [TextTable.Column],
        _ rows: [[String]],
        _ caption: String
    ) -> Markup {
        func cells(_ name: StaticString, _ texts: [String]) -> Markup {
            let cells = zip(columns, texts).map { column, text in
                column.isNumber
                    ? Markup.element(name, ["class": "number"], [.text(text)])
                    : Markup.element(name, text)
            }
            return .element("tr", [:], cells)
        }
        let head = Markup.element("thead", [:], [cells("th", columns.map(\.title))])
        let body = Markup.element("tbody", [:], [.joined(rows.map { cells("td", $0) })])
        let title: [Markup] =
            caption.isEmpty ? [] : [.element("caption", [:], [.element("span", caption)])]
        let table = Markup.element("table", [:], title + [head, body])
        // What is wider than the window is moved within its frame, with the keyboard, too.
        return .element("div", ["class": "scroll", "tabindex": "0"], [table])
    }
}

extension PageText {
    var markup: Markup {
        switch self {
        case .plain(let text): .text(text)
        case .strong(let text): .element("strong", text)
        case .code(let text): .element("code", text)
        case .link(let text, let address):
            // Nothing but pages and files: no address is a program.
            Self.isSafe(address)
                ? .element("a", ["href": address, "rel": "noreferrer"], [.text(text)])
                : .text(text)
        }
    }

    private static func isSafe(_ address: String) -> Bool {
        let scheme = address.prefix { $0 != ":" }
        guard scheme.endIndex != address.endIndex else { return true }
        return ["https", "http"].contains(scheme.lowercased())
    }
}

extension PageFigure {
    var markup: Markup {
        let text: [Markup] = caption.isEmpty ? [] : [.element("figcaption", caption)]
        return .element("figure", [:], [drawing] + text)
    }
}
