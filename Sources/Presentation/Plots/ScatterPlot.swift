/// Points over two axes, to show how two quantities go together.
package struct ScatterPlot: Sendable, Equatable {
    /// A point; its name is shown under the pointer.
    package struct Point: Sendable, Equatable {
        package let x, y: Double
        package let name: String?

        package init(x: Double, y: Double, name: String? = nil) {
            (self.x, self.y, self.name) = (x, y, name)
        }
    }

    /// Points of one colour and one kind of mark.
    package struct Series: Sendable, Equatable {
        package let name: String
        package let points: [Point]

        package init(_ name: String, _ points: [Point]) {
            (self.name, self.points) = (name, points)
        }
    }

    package var title, xTitle, yTitle: String
    package var xStyle, yStyle: NumberStyle
    package var series: [Series]
    /// What is said of the points, below the title: `Spearman ρ = 0.87`.
    package var note: String
    /// Sentences below the plot.
    package var notes: [String]

    package init(
        title: String,
        x xTitle: String,
        y yTitle: String,
        series: [Series],
        xStyle: NumberStyle = .plain,
        yStyle: NumberStyle = .plain,
        note: String = "",
        notes: [String] = []
    ) {
        (self.title, self.xTitle, self.yTitle) = (title, xTitle, yTitle)
        (self.xStyle, self.yStyle, self.series) = (xStyle, yStyle, series)
        (self.note, self.notes) = (note, notes)
    }

    /// The points that have a place, series by series.
    package var points: [[Point]] {
        series.map { $0.points.filter { $0.x.isDrawable && $0.y.isDrawable } }
    }

    /// How many points have no place.
    package var leftOut: Int { series.reduce(0) { $0 + $1.points.count } - points.joined().count }

    /// The axis at the bottom.
    package var xAxis: PlotAxis { axis(\.x, xStyle) }
    /// The axis at the left.
    package var yAxis: PlotAxis { axis(\.y, yStyle) }

    private func axis(_ value: (Point) -> Double, _ style: NumberStyle) -> PlotAxis {
        PlotAxis(.linear, over: points.joined().map(value), padding: 0.05, style: style)
    }
}

// MARK: Drawing

extension ScatterPlot: Plot {
    private static let width = 440.0

    /// The plot as a part of a page.
    package var drawing: Markup {
        let points = points
        var canvas = PlotCanvas(title: title, subtitles: [note], width: Self.width)
        if points.allSatisfy(\.isEmpty) { canvas.addNoData() } else { draw(points, on: &canvas) }
        canvas.add(notes: notes + [PlotCanvas.leftOut(leftOut)])
        let count = NumberText.grouped(points.joined().count)
        return canvas.drawing(
            description: ["Scatter plot: \(yTitle) against \(xTitle), \(count) points.", note]
                .filter { !$0.isEmpty }.joined(separator: " ")
        )
    }

    private func draw(_ points: [[Point]], on canvas: inout PlotCanvas) {
        canvas.skip(4)
        let legend = PlotLegend.rows(entries, width: Self.width, top: canvas.height)
        canvas.add(legend.elements, height: legend.height)
        let place = (0.0, canvas.height + 13)
        canvas.add(
            [PlotCanvas.text(yTitle, at: place, className: "mg-quiet", room: Self.width)],
            height: PlotCanvas.lineHeight + 8
        )
        let y = yAxis
        let left = PlotFrame.margin(for: y)
        let frame = PlotFrame(
            left: left,
            top: canvas.height,
            width: Self.width - left - 20,
            height: 280,
            x: xAxis,
            y: y
        )
        let bottom = frame.bottomAxis(title: xTitle)
        canvas.add(frame.horizontalGrid + frame.verticalGrid + frame.leftLabels + bottom.elements)
        for (index, points) in points.enumerated() where !points.isEmpty {
            let style = SeriesStyle(index)
            let dots = points.map { point in
                let (x, y) = frame.place(point.x, point.y)
                return Markup.element(
                    "path",
                    ["class": "mg-dot", "d": style.mark(x, y)],
                    [.element("title", sentence(point, series[index]))]
                )
            }
            canvas.add([.element("g", ["class": style.className], dots)])
        }
        canvas.add([], height: frame.height + bottom.height + 4)
    }

    private func sentence(_ point: Point, _ series: Series) -> String {
        let name = [series.name, point.name ?? ""].filter { !$0.isEmpty }.joined(separator: ", ")
        return "\(name): \(xTitle) \(xStyle.exact(point.x)), \(yTitle) \(yStyle.exact(point.y))"
    }

    private var entries: [PlotLegend.Entry] {
        guard series.count > 1 else { return [] }
        return series.enumerated().map { index, series in
            PlotLegend.Entry(name: series.name) { x, y in
                let style = SeriesStyle(index)
                let mark = Markup.leaf("path", ["class": "mg-dot", "d": style.mark(x + 12, y)])
                return [.element("g", ["class": style.className], [mark])]
            }
        }
    }
}
