extension BarChart: Plot {
    private static let width = 540.0

    /// The chart as a part of a page.
    package var drawing: Markup {
        var canvas = PlotCanvas(title: title, width: Self.width)
        let bars = bars
        if bars.isEmpty { canvas.addNoData() } else { draw(bars, on: &canvas) }
        canvas.add(notes: notes + [PlotCanvas.leftOut(leftOut)])
        return canvas.drawing(
            description: "Bar chart: \(axisTitle) of \(series.count) series in "
                + "\(categories.count) categories."
        )
    }

    /// How thick a bar is: thinner where there are many.
    private var thickness: Double {
        let count = Double(max(series.count * categories.count, 1))
        return min(max(500 / count, 7), 15)
    }

    /// How much is free between categories.
    private var gap: Double { series.count > 1 ? 9 : 5 }

    private func draw(_ bars: [Bar], on canvas: inout PlotCanvas) {
        canvas.skip(4)
        let legend = PlotLegend.rows(entries, width: Self.width, top: canvas.height)
        canvas.add(legend.elements, height: legend.height + 6)

        let names = categories.map { PlotCanvas.width(of: $0.printable) }.max() ?? 0
        let left = min(names, 170) + 10
        let values = bars.map { PlotCanvas.width(of: style.short($0.value)) }.max() ?? 0
        let group = thickness * Double(series.count) + gap
        let frame = PlotFrame(
            left: left,
            top: canvas.height,
            width: Self.width - left - values - 12,
            height: group * Double(categories.count) + gap,
            x: axis,
            y: PlotAxis(.names([]), over: [])
        )
        let bottom = frame.bottomAxis(title: axisTitle)
        canvas.add(frame.verticalGrid + bottom.elements)
        let zero = place(0, in: frame)
        canvas.add([PlotFrame.line("mg-axis", (zero, frame.top), (zero, frame.bottom))])
        for (category, name) in categories.enumerated() {
            let top = frame.top + gap + group * Double(category)
            let middle = top + (group - gap) / 2
            canvas.add([
                PlotCanvas.text(name, at: (left - 8, middle + 4), anchor: .end, room: left - 8)
            ])
            let here = bars.filter { $0.category == category }
            canvas.add(here.map { self.bar($0, top: top, in: frame) })
            canvas.add(target(category, from: top - 2, to: top + group - gap + 2, in: frame))
            canvas.add(here.flatMap { self.value($0, top: top, in: frame) })
        }
        canvas.add([], height: frame.height + bottom.height + 4)
    }

    /// Where a number stands, no further than the ends of the axis.
    private func place(_ value: Double, in frame: PlotFrame) -> Double {
        min(max(frame.place(x: value), frame.left), frame.right)
    }

    private func bar(_ bar: Bar, top: Double, in frame: PlotFrame) -> Markup {
        let style = SeriesStyle(bar.series)
        let (zero, end) = (place(0, in: frame), place(bar.value, in: frame))
        let y = top + Double(bar.series) * thickness
        let sentence =
            "\(series[bar.series].name), \(categories[bar.category]): "
            + self.style.exact(bar.value)
            + (bar.interval.map {
                " (\(self.style.exact($0.lowerBound)) to \(self.style.exact($0.upperBound)))"
            } ?? "")
        return .element(
            "g",
            ["class": style.className],
            [
                .element(
                    "rect",
                    [
                        "class": "mg-bar", "x": min(zero, end).place, "y": (y + 0.5).place,
                        "width": abs(end - zero).place, "height": (thickness - 1.5).place,
                        "fill-opacity": style.fillOpacity,
                    ],
                    [.element("title", sentence)]
                )
            ]
        )
    }

    /// The whisker of a bar, and its value behind that.
    private func value(_ bar: Bar, top: Double, in frame: PlotFrame) -> [Markup] {
        let y = top + (Double(bar.series) + 0.5) * thickness
        var parts: [Markup] = []
        var end = place(bar.value, in: frame)
        if let interval = bar.interval {
            let ends = (
                place(interval.lowerBound, in: frame), place(interval.upperBound, in: frame)
            )
            let cap = thickness / 5
            var path = PathText()
            path.line([(ends.0, y), (ends.1, y)])
            path.line([(ends.0, y - cap), (ends.0, y + cap)])
            path.line([(ends.1, y - cap), (ends.1, y + cap)])
            parts += ["mg-halo", "mg-whisker"].map {
                .leaf("path", ["class": $0, "d": path.source])
            }
            end = bar.value < 0 ? min(end, ends.0) : max(end, ends.1)
        }
        guard thickness >= 9.5 else { return parts }
        let (isLeft, number) = (bar.value < 0, style.short(bar.value))
        var room = end...end + 8 + PlotCanvas.width(of: number)
        if isLeft { room = end - (room.upperBound - end)...end }
        // The value stands behind the mark to compare with where the mark would cross it.
        if let mark = reference?.values[bar.category].map({ place($0, in: frame) }),
            room.contains(mark)
        {
            end = mark
        }
        let text = PlotCanvas.text(
            number,
            at: (end + (isLeft ? -5 : 5), y + 3.5),
            className: "mg-value",
            anchor: isLeft ? .end : .start
        )
        return parts + [text]
    }

    /// The mark to compare with.
    private func target(
        _ category: Int,
        from top: Double,
        to bottom: Double,
        in frame: PlotFrame
    ) -> [Markup] {
        guard let reference, let value = reference.values[category], value.isDrawable else {
            return []
        }
        let x = place(value, in: frame)
        var path = PathText()
        path.line([(x, top), (x, bottom)])
        let sentence = "\(reference.name), \(categories[category]): \(style.exact(value))"
        return [
            .leaf("path", ["class": "mg-halo", "d": path.source]),
            .element(
                "path",
                ["class": "mg-target", "d": path.source],
                [.element("title", sentence)]
            ),
        ]
    }

    private var entries: [PlotLegend.Entry] {
        let bars = series.enumerated().map { index, series in
            PlotLegend.Entry(name: series.name) { x, y in
                let style = SeriesStyle(index)
                let rect = Markup.leaf(
                    "rect",
                    [
                        "class": "mg-bar", "x": (x + 4).place, "y": (y - 4.5).place, "width": "14",
                        "height": "9", "fill-opacity": style.fillOpacity,
                    ]
                )
                return [.element("g", ["class": style.className], [rect])]
            }
        }
        let compared = reference.map { reference in
            PlotLegend.Entry(name: reference.name) { x, y in
                [PlotFrame.line("mg-target", (x + 12, y - 6), (x + 12, y + 6))]
            }
        }
        return bars.filter { !$0.name.isEmpty } + [compared].compactMap(\.self)
    }
}
