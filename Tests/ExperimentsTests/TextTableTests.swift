import Experiments
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

@Suite struct `Numbers for people` {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (22_713_216, "22,713,216"), (-1234, "-1,234"),
    ])
    func `have their digits in groups`(number: Int, text: String) {
        #expect(NumberText.grouped(number) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (90_852_864, "90.9 MB"),
        (999_600, "1.00 MB"), (5_000_000_000, "5.00 GB"),
    ])
    func `are bytes in a fitting unit`(count: Int, text: String) {
        #expect(NumberText.bytes(count) == text)
    }

    @Test(arguments: [
        (0.0, "0.00"), (0.016, "0.02"), (4.126, "4.13"), (9.996, "10.0"), (41.23, "41.2"),
        (99.96, "100"), (1234.4, "1234"), (-4.1, "-4.10"), (.infinity, "inf"), (1e20, "1e+20"),
    ])
    func `have three digits that count`(number: Double, text: String) {
        #expect(NumberText.significant(number) == text)
    }

    @Test(arguments: [
        (0.0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (750, "12:30"), (7205, "2:00:05"),
    ])
    func `are times on a clock`(seconds: Double, text: String) {
        #expect(NumberText.clock(seconds) == text)
    }
}

@Suite struct `Advice on the processor` {
    private let wide = "processor : 0\nflags\t\t: fpu avx2 avx512f avx512dq avx512bw avx512vl\n"

    @Test func `is given where the kernel is older than the processor`() {
        #expect(
            ProcessorAdvice.sentence(kernel: "Haswell", processors: wide, coreType: nil)
                == "OpenBLAS uses its Haswell kernel although this processor has AVX-512; "
                + "set OPENBLAS_CORETYPE=SkylakeX to compute faster."
        )
        #expect(
            ProcessorAdvice.sentence(kernel: "Zen", processors: wide, coreType: "Zen")
                == "OpenBLAS uses its Zen kernel although this processor has AVX-512; "
                + "unset OPENBLAS_CORETYPE, which is Zen, to compute faster."
        )
    }

    @Test(arguments: [
        ("SkylakeX", "flags : avx512f avx512dq avx512bw avx512vl"), ("Haswell", "flags : avx2"),
        ("Haswell", ""),
    ])
    func `is not given where all is well`(kernel: String, processors: String) {
        let advice = ProcessorAdvice.sentence(
            kernel: kernel,
            processors: processors,
            coreType: nil
        )
        #expect(advice == nil)
    }
}
