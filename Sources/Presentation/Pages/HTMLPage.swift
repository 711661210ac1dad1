/// A page in one file, which loads nothing from anywhere and runs no program.
package struct HTMLPage: Sendable, Equatable {
    /// A part of the page under a heading.
    package struct Section: Sendable, Equatable {
        package let title: String
        package let content: [PageContent]

        package init(_ title: String, _ content: [PageContent]) {
            (self.title, self.content) = (title, content)
        }
    }

    package var title: String
    /// What is said under the title, such as the version that wrote the page.
    package var subtitle: String
    package var sections: [Section]
    /// The seconds after which a browser reads the page again; `nil` for a page that is finished.
    package var refresh: Int?

    package init(title: String, subtitle: String = "", sections: [Section], refresh: Int? = nil) {
        (self.title, self.subtitle) = (title, subtitle)
        (self.sections, self.refresh) = (sections, refresh)
    }

    /// The page as a file.
    package var html: String { "<!DOCTYPE html>\n" + document.source + "\n" }
}

extension HTMLPage {
    private var document: Markup {
        .element("html", ["lang": "en"], [.joined([.element("head", [:], head), body])])
    }

    private var head: [Markup] {
        // A browser refuses whatever else would be loaded or run.
        let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        return [
            .leaf("meta", ["charset": "utf-8"]),
            .leaf("meta", ["name": "viewport", "content": "width=device-width,initial-scale=1"]),
            .leaf("meta", ["name": "color-scheme", "content": "light dark"]),
            .leaf("meta", ["http-equiv": "Content-Security-Policy", "content": policy]),
            .leaf("meta", ["name": "referrer", "content": "no-referrer"]),
        ] + (refresh.map { [.leaf("meta", ["http-equiv": "refresh", "content": "\($0)"])] } ?? [])
            + [.element("title", title), PageTheme.style]
    }

    private var body: Markup {
        let subtitle: [Markup] =
            subtitle.isEmpty
            ? [] : [.element("p", ["class": "quiet"], [.text(self.subtitle)])]
        let header = Markup.element("header", [:], [.element("h1", title)] + subtitle)
        let main = Markup.element("main", [:], [.joined(sections.enumerated().map(section))])
        return .element("body", [:], [.joined([header] + contents + [main])])
    }

    private func section(_ index: Int, _ section: Section) -> Markup {
        let heading = Markup.element("h2", section.title)
        let parts = [heading] + section.content.map(\.markup)
        return .element("section", ["id": "section-\(index + 1)"], [.joined(parts)])
    }

    /// Links to the sections, where there are more than three.
    private var contents: [Markup] {
        guard sections.count > 3 else { return [] }
        let links = sections.enumerated().map { index, section in
            Markup.element(
                "li",
                [:],
                [.element("a", ["href": "#section-\(index + 1)"], [.text(section.title)])]
            )
        }
        return [.element("nav", ["aria-label": "Contents"], [.element("ul", [:], links)])]
    }
}
