import Presentation
import Testing

@Suite struct `A page` {
    private let attack = "</code></pre><script>alert('x')</script>"

    private func page(_ sections: Int = 1, refresh: Int? = nil) -> HTMLPage {
        let content: [PageContent] = [
            .paragraph([.plain(attack), .strong(attack), .code(attack), .link(attack, to: attack)]),
            .list([[.plain(attack)]]),
            .table(
                columns: [.text(attack), .number("n")],
                rows: [[attack, "1,234"]],
                caption: attack
            ), .code("a:\n\t- \(attack)\n"), .folded(summary: attack, code: attack),
            .figures([
                .init(LineChart(title: attack, x: "", y: "", series: []), caption: attack)
            ]),
        ]
        return HTMLPage(
            title: attack,
            subtitle: attack,
            sections: (0..<sections).map { .init("\(attack) \($0)", content) },
            refresh: refresh
        )
    }

    @Test func `has no element that a text brings along`() {
        let source = page().html
        let page = ReadMarkup(source)
        #expect(!page.elements.contains { $0.name == "script" })
        #expect(page.texts(of: "h1") == [attack])
        #expect(page.texts(of: "td") == [attack, "1,234"])
        #expect(page.texts(of: "figcaption") == [attack])
        #expect(page.texts(of: "code").contains("a:\n\t- \(attack)\n"))
    }

    @Test func `loads nothing and runs nothing`() {
        let page = ReadMarkup(page(5).html)
        for element in page.elements {
            #expect(element.attributes["src"] == nil)
            #expect(!element.attributes.keys.contains { $0.hasPrefix("on") })
            #expect(!["link", "script", "iframe", "img", "object"].contains(element.name))
        }
        let links = HTMLPage(
            title: "",
            sections: [
                .init(
                    "",
                    [
                        .paragraph([
                            .link("a", to: "javascript:alert(1)"), .link("b", to: " JavaScript:x"),
                            .link("c", to: "data:text/html,x"), .link("d", to: "run/card.md"),
                            .link("e", to: "https://arxiv.org/abs/2310.02575"),
                        ])
                    ]
                )
            ]
        )
        let targets = ReadMarkup(links.html).elements.compactMap { $0.attributes["href"] }
        #expect(targets == ["run/card.md", "https://arxiv.org/abs/2310.02575"])
    }

    @Test func `has its contents at the top where it has more than three sections`() {
        #expect(!ReadMarkup(page(3).html).elements.contains { $0.name == "nav" })
        let long = ReadMarkup(page(4).html).elements
        let targets = long.compactMap { $0.attributes["href"] }.filter { $0.hasPrefix("#") }
        #expect(targets == (1...4).map { "#section-\($0)" })
        #expect(long.compactMap { $0.attributes["id"] } == (1...4).map { "section-\($0)" })
    }

    @Test func `is read again by a browser only while it grows`() {
        func isRefreshed(_ page: HTMLPage) -> Bool {
            ReadMarkup(page.html).elements.contains { $0.attributes["http-equiv"] == "refresh" }
        }
        #expect(isRefreshed(page(refresh: 5)) && !isRefreshed(page()))
    }

    @Test func `has numbers at the right`() {
        let cells = ReadMarkup(page().html).of(class: "number")
        #expect(cells.map(\.text) == ["n", "1,234"])
    }
}

@Suite struct `A table in LaTeX` {
    @Test func `has texts at the left, numbers at the right and rules of booktabs`() {
        let table = LaTeX.table(
            [.text("task"), .number("accuracy (%)")],
            [["role", "71.5"], ["use", "-3.2"]]
        )
        #expect(
            table == [
                "\\begin{tabular}{lr}", "\\toprule", "task & accuracy (\\%) \\\\", "\\midrule",
                "role & 71.5 \\\\", "use & $-$3.2 \\\\", "\\bottomrule", "\\end{tabular}",
            ]
        )
    }

    @Test(arguments: [
        ("a_b & c", "a\\_b \\& c"), ("\\input{x}", "\\textbackslash{}input\\{x\\}"),
        ("$5^2~#", "\\$5\\textasciicircum{}2\\textasciitilde{}\\#"), ("50 %", "50 \\%"),
        ("[2pt]*", "{[}2pt{]}{*}"), ("a\nb\u{1B}", "a b\u{FFFD}"), ("--x---y", "-{}-x-{}-{}-y"),
        ("λ ± 0.1", "$\\lambda$ $\\pm$ 0.1"), ("<a>", "\\textless{}a\\textgreater{}"),
    ])
    func `stands as it is whatever it holds`(text: String, source: String) {
        #expect(LaTeX.escaped(text) == source)
    }
}

@Suite struct `A name that is too long` {
    @Test(arguments: [
        ("adapters/role", 20, "adapters/role"), ("adapters/role", 9, "adap…role"),
        ("模型模型模型", 7, "模…模型"), ("abcdef", 2, "a…"), ("abcdef", 1, "…"),
    ])
    func `keeps both ends`(name: String, width: Int, text: String) {
        #expect(name.clippedInside(toWidth: width) == text)
        #expect(text.displayWidth <= width)
    }
}
