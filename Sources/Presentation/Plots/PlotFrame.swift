/// The area of a plot between its axes.
struct PlotFrame: Sendable, Equatable {
    /// The corner at the upper left, and the size.
    let left, top, width, height: Double
    let x, y: PlotAxis

    var right: Double { left + width }
    var bottom: Double { top + height }

    /// Where a point stands.
    func place(_ x: Double, _ y: Double) -> (Double, Double) { (place(x: x), place(y: y)) }
    func place(x value: Double) -> Double { left + x.share(value) * width }
    func place(y value: Double) -> Double { bottom - y.share(value) * height }

    /// The room that the labels of an axis at the left take.
    static func margin(for axis: PlotAxis) -> Double {
        (axis.ticks.map { PlotCanvas.width(of: $0.label) }.max() ?? 0) + 8
    }
}

extension PlotFrame {
    /// Lines across the area, where the numbers of the axis at the left are.
    var horizontalGrid: [Markup] {
        y.ticks.map { tick in
            let y = place(y: tick.value)
            return Self.line("mg-grid", (left, y), (right, y))
        }
    }

    /// Lines up the area, where the numbers of the axis at the bottom are.
    var verticalGrid: [Markup] {
        x.ticks.map { tick in
            let x = place(x: tick.value)
            return Self.line("mg-grid", (x, top), (x, bottom))
        }
    }

    /// The labels at the left.
    var leftLabels: [Markup] {
        y.ticks.map { tick in
            let place = (left - 6, place(y: tick.value) + 4)
            return PlotCanvas.text(tick.label, at: place, className: "mg-quiet", anchor: .end)
        }
    }

    /// The line at the bottom, its labels and its title.
    func bottomAxis(title: String) -> (elements: [Markup], height: Double) {
        let labels = bottomLabels
        var elements = [Self.line("mg-axis", (left, bottom), (right, bottom))]
        elements += labels.elements
        var height = labels.height
        if !title.isEmpty {
            height += PlotCanvas.lineHeight
            let place = (left + width / 2, bottom + height - 2)
            elements.append(
                PlotCanvas.text(
                    title,
                    at: place,
                    className: "mg-quiet",
                    anchor: .middle,
                    room: width + left
                )
            )
        }
        return (elements, height)
    }

    /// Labels side by side while they have room, and else rising towards their places.
    private var bottomLabels: (elements: [Markup], height: Double) {
        let widest = x.ticks.map { PlotCanvas.width(of: $0.label) }.max() ?? 0
        let gaps = zip(x.ticks, x.ticks.dropFirst()).map { place(x: $1.value) - place(x: $0.value) }
        let isRising = widest + 6 > gaps.min() ?? width
        // No label begins before the drawing does.
        let room = isRising ? min(widest, 112) : width
        let elements = x.ticks.map { tick in
            let x = place(x: tick.value)
            return PlotCanvas.text(
                tick.label,
                at: isRising ? (x + 4, bottom + 13) : (x, bottom + 15),
                className: "mg-quiet",
                anchor: isRising ? .end : .middle,
                room: isRising ? min(room, (x - 2) / 0.78) : room,
                rotation: isRising ? -40 : 0
            )
        }
        return (elements, isRising ? room * 0.64 + 14 : 20)
    }

    /// A straight line of a class.
    static func line(
        _ className: String,
        _ from: (x: Double, y: Double),
        _ to: (x: Double, y: Double)
    ) -> Markup {
        var path = PathText()
        path.line([from, to])
        return .leaf("path", ["class": className, "d": path.source])
    }

    /// Elements of which nothing is drawn outside of the area.
    func clipped(_ elements: [Markup]) -> Markup {
        .element(
            "svg",
            [
                "x": left.place, "y": top.place, "width": width.place, "height": height.place,
                "viewBox": "\(left.place) \(top.place) \(width.place) \(height.place)",
                "overflow": "hidden",
            ],
            elements
        )
    }
}
