/// Finished HTML or SVG, in which every text of others is escaped.
///
/// Names of elements and attributes are literals of the program; whatever else goes in does so as
/// text. So names from files of strangers cannot become elements, wherever they are used.
package struct Markup: Sendable, Hashable {
    /// What is written to a file.
    package let source: String

    private init(source: String) { self.source = source }

    /// A text on one line, without anything that could rewrite it.
    package static func text(_ text: String) -> Markup { Markup(source: text.printable.escaped) }

    /// A text with line feeds and tabs, such as a recipe.
    package static func lines(_ text: String) -> Markup {
        let lines = text.replacing("\r\n", with: "\n").split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        let clean = lines.map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false)
                .map { String($0).printable.escaped }.joined(separator: "\t")
        }
        return Markup(source: clean.joined(separator: "\n"))
    }

    /// An element with what is in it.
    package static func element(
        _ name: StaticString,
        _ attributes: KeyValuePairs<StaticString, String> = [:],
        _ content: [Markup]
    ) -> Markup {
        let inner = content.map(\.source).joined()
        return Markup(source: "<\(name)\(written(attributes))>\(inner)</\(name)>")
    }

    /// An element with a text in it.
    package static func element(_ name: StaticString, _ text: String) -> Markup {
        element(name, [:], [.text(text)])
    }

    /// An element that never has content: `rect` in SVG, `meta` in HTML.
    package static func leaf(
        _ name: StaticString,
        _ attributes: KeyValuePairs<StaticString, String> = [:]
    ) -> Markup {
        Markup(source: "<\(name)\(written(attributes))/>")
    }

    /// Pieces behind each other, each on a line of its own.
    package static func joined(_ pieces: [Markup]) -> Markup {
        Markup(source: pieces.map(\.source).joined(separator: "\n"))
    }

    /// What the program itself says in HTML or CSS.
    package static func literal(_ source: StaticString) -> Markup { Markup(source: "\(source)") }

    private static func written(_ attributes: KeyValuePairs<StaticString, String>) -> String {
        attributes.map { " \($0.key)=\"\($0.value.printable.escaped)\"" }.joined()
    }
}

extension String {
    /// The text as content of an element, or as a value in quotation marks.
    fileprivate var escaped: String {
        guard utf8.contains(where: { "&<>\"'".utf8.contains($0) }) else { return self }
        return replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
            .replacing("'", with: "&#39;")
    }
}
