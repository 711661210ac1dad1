import Presentation
import Testing

@Suite struct `Numbers for people` {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (22_713_216, "22,713,216"), (-1234, "-1,234"),
    ])
    func `have their digits in groups`(number: Int, text: String) {
        #expect(NumberText.grouped(number) == text)
    }

    @Test(arguments: [
        (0.4125, "41.3"), (1, "100.0"), (-0.005, "-0.5"), (-0.1061, "-10.6"), (-0.0004, "0.0"),
        (.nan, "–"),
    ])
    func `are shares in percent`(share: Double, text: String) {
        #expect(Markdown.percent(share) == text)
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
