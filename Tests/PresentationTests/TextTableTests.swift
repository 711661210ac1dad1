import Presentation
import Testing

@Suite struct `A table` {
    private let table: TextTable = {
        var table = TextTable([.text("name"), .text("what it does"), .number("count")])
        table.add(["ties", "keeps the largest entries whose signs agree", "7"])
        table.add(["task_arithmetic", "adds task vectors", "1,234"])
        return table
    }()

    @Test func `is as wide as it likes where nobody minds`() {
        #expect(
            table.text(width: nil) == """
                name             what it does                                 count
                ───────────────  ───────────────────────────────────────────  ─────
                ties             keeps the largest entries whose signs agree      7
                task_arithmetic  adds task vectors                            1,234

                """
        )
    }

    @Test func `wraps its widest texts where the width is short`() {
        #expect(
            table.text(width: 48) == """
                name             what it does              count
                ───────────────  ────────────────────────  ─────
                ties             keeps the largest             7
                                 entries whose signs
                                 agree
                task_arithmetic  adds task vectors         1,234

                """
        )
    }

    @Test func `becomes a list where columns would be too narrow`() {
        #expect(
            table.text(width: 32) == """
                name          ties
                what it does  keeps the largest
                              entries whose
                              signs agree
                count         7

                name          task_arithmetic
                what it does  adds task vectors
                count         1,234

                """
        )
    }

    @Test(arguments: [10, 20, 31, 40, 60, 80, 120])
    func `leaves nothing out at any width`(width: Int) {
        let text = table.text(width: width)
        let words = text.split { $0.isWhitespace }
        for word in ["ties", "keeps", "largest", "entries", "signs", "agree", "1,234", "vectors"] {
            #expect(words.contains(Substring(word)) || width < 26)
        }
        if width >= 26 {
            for line in text.split(separator: "\n") { #expect(line.displayWidth <= width) }
        }
    }

    @Test func `breaks the names of parameters behind their dots`() {
        let name = "bert.encoder.layer.0.attention.self.query.weight"
        #expect(
            name.wrapped(toWidth: 20) == [
                "bert.encoder.layer.", "0.attention.self.", "query.weight",
            ]
        )
        #expect("abcdefgh".wrapped(toWidth: 3) == ["abc", "def", "gh"])
        #expect("a bc  d".wrapped(toWidth: 4) == ["a bc", "d"])
        #expect("".wrapped(toWidth: 4) == [""])
        #expect("模型".wrapped(toWidth: 1) == ["模", "型"])
    }

    @Test func `counts columns, not characters`() {
        var table = TextTable([.text("text"), .number("n")])
        for text in ["e\u{301}t\u{E9}", "模型", "한국", "e\u{1B}[2J"] { table.add([text, "1"]) }
        #expect(
            table.text(width: nil) == """
                text   n
                ─────  ─
                e\u{301}t\u{E9}    1
                模型   1
                한국   1
                e�[2J  1

                """
        )
    }

    @Test func `without rows is its head`() {
        #expect(TextTable([.text("a"), .number("b")]).text(width: 20) == "a  b\n─  ─\n")
    }
}
