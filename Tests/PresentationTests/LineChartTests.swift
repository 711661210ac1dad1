import Foundation
import Presentation
import Testing

@Suite struct `A line chart` {
    private func points(_ values: [Double]) -> [LineChart.Point] {
        values.enumerated().map { .init(x: Double($0), y: $1) }
    }

    private func chart(_ series: [LineChart.Series], _ scale: AxisScale = .linear) -> LineChart {
        LineChart(title: "Accuracy", x: "step", y: "accuracy", series: series, xScale: scale)
    }

    @Test func `has a mark for every value, which tells it exactly`() {
        let chart = LineChart(
            title: "Accuracy",
            x: "λ",
            y: "accuracy",
            series: [
                .init("role", [.init(x: 0.3, y: 0.7712, lower: 0.7, upper: 0.8)]),
                .init("use", points([0.5, 0.6, 0.4])),
            ],
            yStyle: .percent
        )
        let drawing = ReadMarkup(chart.svg)
        // Two more are in front of the names.
        #expect(drawing.of(class: "mg-mark").count == 4 + 2)
        let titles = drawing.texts(of: "title")
        #expect(titles.contains("role, λ 0.3: 77.12 % (70.00 % to 80.00 %)"))
        #expect(titles.contains("use, λ 2: 40.00 %"))
    }

    @Test func `names its lines in the order of their ends, none over another`() {
        let series = (0..<12).map { LineChart.Series("line \($0)", points([0, Double($0 % 3)])) }
        let drawing = ReadMarkup(chart(series).svg)
        let places = drawing.elements.filter { $0.text.hasPrefix("line ") && $0.name == "text" }
            .compactMap { $0.attributes["y"].flatMap(Double.init) }.sorted()
        #expect(places.count == 12)
        for (upper, lower) in zip(places, places.dropFirst()) { #expect(lower - upper >= 14.9) }
    }

    @Test func `of a long run keeps both ends and every peak, and stays small`() throws {
        var values = (0..<500).map { 0.5 + 0.2 * sin(Double($0) / 40) }
        values[123] = 0.9
        values[321] = 0.1
        let series = (0..<8).map { LineChart.Series("task \($0)", points(values)) }
        let chart = chart(series)
        let line = try #require(chart.lines.first)
        #expect(line.points.count <= 300)
        #expect(line.points.first?.x == 0 && line.points.last?.x == 499)
        #expect(line.points.contains { $0.y == 0.9 } && line.points.contains { $0.y == 0.1 })
        #expect(line.points.map(\.x) == line.points.map(\.x).sorted())
        #expect(chart.svg.utf8.count < 60_000)
        let intervals = series.map { series in
            LineChart.Series(
                series.name,
                series.points.map { .init(x: $0.x, y: $0.y, lower: $0.y - 0.1, upper: $0.y + 0.1) }
            )
        }
        #expect(self.chart(intervals).svg.utf8.count < 60_000)
    }

    @Test func `of a crowd has thin lines in one colour for each group`() {
        let series = (0..<100).map {
            LineChart.Series(
                "tensor \($0)",
                points((0..<500).map(Double.init)),
                group: "g\($0 % 3)"
            )
        }
        let chart = chart(series)
        #expect(chart.groups == ["g0", "g1", "g2"])
        #expect(Set(chart.lines.map(\.style)) == [0, 1, 2])
        let drawing = ReadMarkup(chart.svg)
        let named = drawing.texts(of: "text").filter { $0.hasPrefix("g") }
        #expect(named == ["g0", "g1", "g2"])
        #expect(drawing.texts(of: "title").count { $0.hasPrefix("tensor") } == 100)
        #expect(drawing.of(class: "mg-mark").isEmpty)
        #expect(chart.svg.utf8.count < 80_000)
    }

    @Test func `leaves out what is not finite, and says so`() {
        let values: [Double] = [1, .nan, .infinity, 2, -.infinity]
        let chart = chart([.init("a", points(values))])
        #expect(chart.leftOut == 3)
        #expect(chart.lines[0].points.map(\.y) == [1, 2])
        let sentence = "3 values that are not finite are left out."
        #expect(ReadMarkup(chart.svg).texts(of: "text").contains(sentence))
        #expect(ReadMarkup(chart.svg).texts(of: "desc")[0].contains(sentence))
        #expect(!chart.svg.contains("nan") && !chart.svg.contains("inf\""))
    }

    @Test func `has no place for 0 on a logarithmic axis`() {
        let chart = chart([.init("a", points([1, 2, 3]))], .logarithmic)
        #expect(chart.leftOut == 1)
        #expect(chart.svg.contains("not above 0 on a logarithmic axis"))
    }

    @Test(
        arguments: [
            [], [3], [3, 3, 3], [-2, -1], [-1e299, 1e299], [1e-300, 2e-300], [0],
            [1e15, 1e15 + 1],
        ] as [[Double]]
    )
    func `can be drawn of any values`(values: [Double]) {
        for style in [NumberStyle.plain, .percent] {
            var chart = chart([.init("a", points(values))])
            chart.yStyle = style
            let drawing = ReadMarkup(chart.svg)
            #expect(drawing.texts(of: "text").contains("no data") == values.isEmpty)
            let axis = chart.yAxis
            #expect(axis.range.lowerBound < axis.range.upperBound)
            for value in values { #expect((0...1).contains(axis.share(value))) }
        }
        #expect(ReadMarkup(chart([]).svg).texts(of: "text").contains("no data"))
    }

    @Test func `shows intervals as an area, and as whiskers over names`() {
        let values = (0..<3).map { LineChart.Point(x: Double($0), y: 1, lower: 0.5, upper: 2) }
        let line = LineChart.Series("a", values)
        #expect(ReadMarkup(chart([line]).svg).of(class: "mg-band").count == 1)
        let named = ReadMarkup(chart([line], .names(["x", "y", "z"])).svg)
        #expect(named.of(class: "mg-band").isEmpty)
        #expect(named.texts(of: "title").contains("a, y: 1 (0.5 to 2)"))
        #expect(chart([line]).yAxis.range.contains(2))
    }

    @Test func `rings the point that stands out and draws what to compare with`() {
        var chart = chart([.init("a", points([0.1, 0.4, 0.2]), emphasis: 1)])
        chart.references = [.init("experts", y: 0.9), .init("nobody", y: .nan)]
        let drawing = ReadMarkup(chart.svg)
        #expect(drawing.of(class: "mg-best").count == 1)
        #expect(drawing.texts(of: "text").contains("0.40"))
        #expect(drawing.texts(of: "text").contains("experts"))
        #expect(!drawing.texts(of: "text").contains("nobody"))
        #expect(chart.yAxis.range.upperBound >= 0.9)
    }

    @Test func `keeps to a fixed range`() {
        var chart = chart([.init("a", points([-5, 0.5, 7]))])
        chart.yRange = 0...1
        #expect(chart.yAxis.range == 0...1)
        let drawing = ReadMarkup(chart.svg)
        #expect(drawing.elements.contains { $0.attributes["overflow"] == "hidden" })
    }
}
