import Presentation
import Testing

@Suite struct `A bar chart` {
    private let chart = BarChart(
        title: "Accuracy",
        axis: "accuracy on test",
        categories: ["role", "use"],
        series: [
            .init("ties", [.init(0.71, lower: 0.68, upper: 0.74), .init(0.65)]),
            .init("learned", [.init(0.8), .init(nil)]),
        ],
        style: .percent,
        reference: .init("expert", [0.9, nil])
    )

    @Test func `has a bar for every value and a whisker for every interval`() {
        #expect(chart.bars.map(\.value) == [0.71, 0.8, 0.65])
        let drawing = ReadMarkup(chart.svg)
        // Two more say which series is which.
        #expect(drawing.of(class: "mg-bar").count == 3 + 2)
        #expect(drawing.of(class: "mg-whisker").count == 1)
        #expect(drawing.of(class: "mg-value").map(\.text) == ["71.0", "80.0", "65.0"])
        #expect(drawing.texts(of: "title").contains("ties, role: 71.00 % (68.00 % to 74.00 %)"))
        #expect(drawing.texts(of: "title").contains("expert, role: 90.00 %"))
    }

    @Test func `begins at 0, with as much length for as much value`() throws {
        let bars = ReadMarkup(chart.svg).of(class: "mg-bar").dropFirst(2)
        let widths = bars.compactMap { $0.attributes["width"].flatMap(Double.init) }
        #expect(abs(widths[0] / widths[1] - 0.71 / 0.8) < 0.005)
        #expect(chart.axis.range.lowerBound == 0)
    }

    @Test func `grows to the left below 0`() {
        let chart = BarChart(
            title: "Change",
            axis: "points",
            categories: ["a", "b"],
            series: [.init("", [.init(-3), .init(1.5)])]
        )
        let bars = ReadMarkup(chart.svg).of(class: "mg-bar")
        let left = bars.compactMap { $0.attributes["x"].flatMap(Double.init) }
        #expect(left.count == 2 && left[0] < left[1])
    }

    @Test func `leaves out what is not finite, and says so`() {
        let chart = BarChart(
            title: "",
            axis: "",
            categories: ["a", "b"],
            series: [.init("s", [.init(.nan), .init(1)])]
        )
        #expect(chart.bars.count == 1 && chart.leftOut == 1)
        #expect(chart.svg.contains("1 value that is not finite is left out."))
    }

    @Test func `without values says that there are none`() {
        for series in [[], [BarChart.Series("s", [.init(nil), .init(nil)])]] {
            let chart = BarChart(title: "", axis: "", categories: ["a", "b"], series: series)
            #expect(ReadMarkup(chart.svg).texts(of: "text").contains("no data"))
        }
    }

    @Test func `writes no number where bars are too thin for it`() {
        let names = (0..<40).map { "task \($0)" }
        let values = names.map { _ in BarChart.Value(0.5) }
        let series = [BarChart.Series("a", values), .init("b", values)]
        let chart = BarChart(title: "", axis: "", categories: names, series: series)
        #expect(chart.bars.count == 80)
        #expect(ReadMarkup(chart.svg).of(class: "mg-value").isEmpty)
    }
}

@Suite struct `A scatter plot` {
    @Test func `has a dot for every point that has a place`() {
        let plot = ScatterPlot(
            title: "Entropy",
            x: "entropy",
            y: "accuracy",
            series: [
                .init("role", [.init(x: 0.1, y: 0.9, name: "λ = 0.3"), .init(x: .nan, y: 1)]),
                .init("use", [.init(x: 0.5, y: 0.4)]),
            ],
            yStyle: .percent,
            note: "Spearman ρ = 0.87"
        )
        #expect(plot.leftOut == 1)
        let drawing = ReadMarkup(plot.svg)
        // Two more say which series is which.
        #expect(drawing.of(class: "mg-dot").count == 2 + 2)
        #expect(
            drawing.texts(of: "title").contains("role, λ = 0.3: entropy 0.1, accuracy 90.00 %")
        )
        #expect(drawing.texts(of: "text").contains("Spearman ρ = 0.87"))
    }

    @Test func `without points says that there are none`() {
        let plot = ScatterPlot(title: "", x: "", y: "", series: [])
        #expect(ReadMarkup(plot.svg).texts(of: "text").contains("no data"))
    }
}
