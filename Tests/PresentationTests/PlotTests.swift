import Foundation
import Presentation
import Testing

@testable import struct Presentation.SeriesStyle

@Suite struct `Every plot` {
    /// A name that would like to be a program, to rewrite a terminal and to leave its attribute.
    private static let attack = "\"><script>alert(1)</script>&amp;\u{1B}[2J\u{202E}\u{0}]]>'"

    static func plots(named name: String) -> [String] {
        [
            LineChart(
                title: name,
                x: name,
                y: name,
                series: [.init(name, [.init(x: 0, y: 1)], emphasis: 0)],
                xScale: .names([name]),
                references: [.init(name, y: 2)],
                notes: [name]
            ).svg,
            BarChart(
                title: name,
                axis: name,
                categories: [name],
                series: [.init(name, [.init(1, lower: 0.5, upper: 2)])],
                reference: .init(name, [2]),
                notes: [name]
            ).svg,
            HeatMap(
                title: name,
                rows: [name],
                columns: [name],
                values: [[0.5]],
                rowTitle: name,
                columnTitle: name,
                notes: [name]
            ).svg,
            ScatterPlot(
                title: name,
                x: name,
                y: name,
                series: [.init(name, [.init(x: 1, y: 2, name: name)]), .init(name, [])],
                note: name,
                notes: [name]
            ).svg,
        ]
    }

    @Test(arguments: [0, 1, 2, 3])
    func `is well-formed whatever names say`(index: Int) {
        let source = Self.plots(named: Self.attack)[index]
        let drawing = ReadMarkup(source)
        let names = Set(drawing.elements.map(\.name))
        #expect(
            names.isSubset(of: [
                "svg", "title", "desc", "style", "g", "path", "rect", "text", "circle",
            ])
        )
        #expect(drawing.texts(of: "title")[0].hasPrefix("\"><script>alert(1)</script>&amp;"))
        #expect(!source.contains("\u{1B}") && !source.contains("\u{202E}"))
    }

    @Test(arguments: [0, 1, 2, 3])
    func `is the same bytes every time`(index: Int) {
        #expect(Self.plots(named: "a")[index] == Self.plots(named: "a")[index])
    }

    @Test(arguments: [0, 1, 2, 3])
    func `stands alone, scales, and says what it is`(index: Int) throws {
        let source = Self.plots(named: "role")[index]
        let root = try #require(ReadMarkup(source).elements.first)
        #expect(root.name == "svg" && root.attributes["role"] == "img")
        #expect(root.attributes["width"] == "100%")
        #expect(root.attributes["viewBox"]?.hasPrefix("0 0 ") == true)
        #expect(ReadMarkup(source).elements[1...2].map(\.name) == ["title", "desc"])
        #expect(!source.contains("href") && !source.contains("url("))
        #expect(source.contains("prefers-color-scheme:dark"))
        // Classes are all of one family, so that a page's rules stay its own.
        let classes = ReadMarkup(source).elements.flatMap(\.classes)
        #expect(classes.allSatisfy { $0.hasPrefix("mg-") })
    }

    @Test(arguments: [0, 1, 2, 3])
    func `shows the whole of a name that is cut`(index: Int) {
        let name = "adapters/" + String(repeating: "x", count: 200) + "/last"
        let drawing = ReadMarkup(Self.plots(named: name)[index])
        #expect(drawing.texts(of: "title").contains(name))
        #expect(drawing.texts(of: "text").contains { $0.contains("…") && $0.hasSuffix("last") })
    }

    @Test(arguments: [0, 1, 2, 3])
    func `writes places with at most two decimals`(index: Int) {
        let drawing = ReadMarkup(Self.plots(named: "a")[index])
        for element in drawing.elements where element.name != "svg" {
            for (key, value) in element.attributes where key != "class" {
                #expect(value.firstMatch(of: /\.\d{3}/) == nil, "\(key) is \(value)")
            }
        }
    }

    @Test func `has colours with enough contrast on white and on a dark screen`() {
        func luminance(_ colour: String) -> Double {
            let digits = Array(colour.dropFirst())
            let parts = stride(from: 0, to: 6, by: 2).map { start in
                let byte = Int(String(digits[start...start + 1]), radix: 16) ?? 0
                let part = Double(byte) / 255
                return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        }
        let black = luminance("#111111")
        for colour in SeriesStyle.colours {
            #expect(1.05 / (luminance(colour) + 0.05) >= 3, "\(colour) on white")
            #expect((luminance(colour) + 0.05) / (black + 0.05) >= 3, "\(colour) on black")
        }
        for colour in SeriesStyle.darkColours {
            #expect((luminance(colour) + 0.05) / (black + 0.05) >= 4.5, "\(colour) on black")
        }
    }

    @Test func `tells twelve series apart without colours`() {
        let styles = (0..<12).map { SeriesStyle($0) }
        let marks = styles.map { $0.dashes + "|" + $0.mark(0, 0) }
        #expect(Set(marks).count == 12)
    }
}

@Suite struct `An axis` {
    private func labels(_ values: [Double], _ style: NumberStyle = .plain) -> [String] {
        let points = values.map { LineChart.Point(x: 0, y: $0) }
        return LineChart(title: "", x: "", y: "", series: [.init("", points)], yStyle: style).yAxis
            .ticks.map(\.label)
    }

    @Test func `has ticks at 1, 2 and 5 times a power of ten`() {
        #expect(labels([0, 1]) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
        #expect(labels([0, 0.04]) == ["0.00", "0.01", "0.02", "0.03", "0.04"])
        #expect(labels([-7, 4]) == ["-6", "-4", "-2", "0", "2", "4"])
        #expect(
            labels([0, 120_000]) == [
                "0", "20,000", "40,000", "60,000", "80,000", "100,000", "120,000",
            ]
        )
        #expect(labels([0.61, 0.78], .percent) == ["65 %", "70 %", "75 %"])
    }

    @Test func `has no ticks between whole numbers at the bottom`() {
        func labels(_ values: [Double]) -> [String] {
            let points = values.map { LineChart.Point(x: $0, y: 0) }
            return LineChart(title: "", x: "", y: "", series: [.init("", points)]).xAxis
                .ticks.map(\.label)
        }
        #expect(labels([2, 3, 4]) == ["2", "3", "4"])
        #expect(labels([0, 1]) == ["0", "1"])
        #expect(labels([0, 0.5, 1]) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    }

    @Test func `of shares does not go beyond 100 %`() {
        let chart = LineChart(
            title: "",
            x: "",
            y: "",
            series: [.init("", [.init(x: 0, y: 0.2), .init(x: 1, y: 1)])],
            yStyle: .percent
        )
        #expect(chart.yAxis.range.upperBound == 1)
        #expect(labels([1], .percent).last == "100 %")
    }

    @Test func `has powers of ten where it is logarithmic`() {
        func axis(_ values: [Double]) -> [String] {
            let points = values.map { LineChart.Point(x: $0, y: 1) }
            let series = [LineChart.Series("", points)]
            return LineChart(title: "", x: "", y: "", series: series, xScale: .logarithmic).xAxis
                .ticks.map(\.label)
        }
        #expect(axis([1e-5, 1e-2]) == ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²"])
        #expect(axis([0.01, 10]) == ["0.01", "0.1", "1", "10"])
        #expect(axis([1, 50]) == ["1", "2", "5", "10", "20", "50"])
        #expect(axis([1e-20, 1e20]).count <= 9)
        #expect(!axis([3]).isEmpty)
    }
}
