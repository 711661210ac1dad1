extension LineChart: Plot {
    private static let width = 540.0
    private static let gap = 15.0

    /// The chart as a part of a page.
    package var drawing: Markup {
        let lines = lines
        var canvas = PlotCanvas(title: title, width: Self.width)
        if lines.allSatisfy(\.points.isEmpty) {
            canvas.addNoData()
        } else {
            draw(lines, on: &canvas)
        }
        canvas.add(notes: notes + [PlotCanvas.leftOut(leftOut, leftOutReason)])
        return canvas.drawing(description: description(lines))
    }

    private var leftOutReason: String {
        xScale == .logarithmic ? "not finite, or not above 0 on a logarithmic axis," : "not finite"
    }

    private func draw(_ lines: [Line], on canvas: inout PlotCanvas) {
        if !yTitle.isEmpty {
            canvas.add(
                [
                    PlotCanvas.text(
                        yTitle,
                        at: (0, canvas.height + 13),
                        className: "mg-quiet",
                        room: Self.width
                    )
                ],
                height: PlotCanvas.lineHeight
            )
        }
        canvas.skip(10)
        let (x, y) = (xAxis, yAxis)
        let names = names(lines, y)
        let room = names.map { PlotCanvas.width(of: $0.name.printable) }.max()
        let margin = room.map { min($0, 150) + 38 } ?? 12
        let left = PlotFrame.margin(for: y)
        let frame = PlotFrame(
            left: left,
            top: canvas.height,
            width: Self.width - left - margin,
            height: max(230, Double(names.count) * Self.gap + 20),
            x: x,
            y: y
        )
        let axis = frame.bottomAxis(title: xTitle)
        let content = content(lines, in: frame)
        canvas.add(frame.horizontalGrid + frame.leftLabels + axis.elements)
        canvas.add(yRange == nil ? content : [frame.clipped(content)])
        canvas.add(column(names, beside: frame), height: frame.height + axis.height + 4)
    }
}

// MARK: Lines

extension LineChart {
    /// Everything within the axes, areas behind lines and lines behind marks.
    private func content(_ lines: [Line], in frame: PlotFrame) -> [Markup] {
        let compared = references.filter { $0.y.isDrawable }.map { reference in
            let y = frame.place(y: reference.y)
            return PlotFrame.line("mg-reference", (frame.left, y), (frame.right, y))
        }
        let layers = [
            lines.map { coloured($0, band($0, in: frame)) }, compared.map(Optional.some),
            lines.map { coloured($0, line($0, in: frame)) },
            lines.map { coloured($0, whiskers($0, in: frame) + marks($0, in: frame)) },
            lines.map { coloured($0, emphasis($0, in: frame)) },
        ]
        return layers.joined().compactMap(\.self)
    }

    private func coloured(_ line: Line, _ elements: [Markup]) -> Markup? {
        let name = SeriesStyle(line.style).className
        return elements.isEmpty ? nil : .element("g", ["class": name], elements)
    }

    private func line(_ line: Line, in frame: PlotFrame) -> [Markup] {
        guard !line.points.isEmpty else { return [] }
        var path = PathText()
        path.line(line.points.map { frame.place($0.x, $0.y) })
        let dashes = SeriesStyle(line.style).dashes
        let name = isCrowd ? "mg-thin" : "mg-line"
        let title = Markup.element("title", line.name)
        return [
            isCrowd || dashes.isEmpty
                ? .element("path", ["class": name, "d": path.source], [title])
                : .element(
                    "path",
                    ["class": name, "stroke-dasharray": dashes, "d": path.source],
                    [title]
                )
        ]
    }

    /// The intervals of a line over numbers.
    private func band(_ line: Line, in frame: PlotFrame) -> [Markup] {
        let ends = line.points.compactMap { point in point.interval.map { (point.x, $0.0, $0.1) } }
        guard !hasNames, ends.count > 1 else { return [] }
        var path = PathText()
        path.polygon(
            ends.map { frame.place($0.0, $0.1) } + ends.reversed().map { frame.place($0.0, $0.2) }
        )
        return [.leaf("path", ["class": "mg-band", "d": path.source])]
    }

    /// The intervals of points over names, or of a single point.
    private func whiskers(_ line: Line, in frame: PlotFrame) -> [Markup] {
        guard hasNames || line.points.count == 1 else { return [] }
        return line.points.compactMap { point in
            guard let (lower, upper) = point.interval else { return nil }
            let x = frame.place(x: point.x) + shift(line)
            let (low, high) = (frame.place(y: lower), frame.place(y: upper))
            var path = PathText()
            path.line([(x, low), (x, high)])
            path.line([(x - 3, low), (x + 3, low)])
            path.line([(x - 3, high), (x + 3, high)])
            return .leaf("path", ["class": "mg-line", "d": path.source])
        }
    }

    private var hasNames: Bool { if case .names = xScale { true } else { false } }

    /// Whiskers of different lines stand beside each other.
    private func shift(_ line: Line) -> Double {
        hasNames && !isCrowd ? (Double(line.style) - Double(series.count - 1) / 2) * 3 : 0
    }

    private func marks(_ line: Line, in frame: PlotFrame) -> [Markup] {
        line.marked.map { index in
            let point = line.points[index]
            let (x, y) = frame.place(point.x, point.y)
            let shifted = point.interval == nil ? x : x + shift(line)
            return .element(
                "path",
                ["class": "mg-mark", "d": SeriesStyle(line.style).mark(shifted, y)],
                [.element("title", sentence(point, of: line))]
            )
        }
    }

    /// A ring around the point that stands out, with its value if it is the only one.
    private func emphasis(_ line: Line, in frame: PlotFrame) -> [Markup] {
        guard let point = line.emphasised else { return [] }
        let (x, y) = frame.place(point.x, point.y)
        let ring = Markup.element(
            "circle",
            ["class": "mg-best", "cx": x.place, "cy": y.place, "r": "5.5"],
            [.element("title", sentence(point, of: line))]
        )
        // More than one such number would stand over others.
        guard series.count(where: { $0.emphasis != nil }) == 1 else { return [ring] }
        let share = (x - frame.left) / frame.width
        let value = PlotCanvas.text(
            yStyle.short(point.y),
            at: (x, y - frame.top < 20 ? y + 18 : y - 9),
            className: "mg-value",
            anchor: share < 0.08 ? .start : share > 0.92 ? .end : .middle
        )
        return [ring, value]
    }

    private func sentence(_ point: Point, of line: Line) -> String {
        let x: String
        if case .names(let names) = xScale, names.indices.contains(Int(point.x)) {
            x = names[Int(point.x)]
        } else {
            x = "\(xTitle) \(NumberStyle.plain.exact(point.x))"
        }
        let interval = point.interval.map { " (\(yStyle.exact($0.0)) to \(yStyle.exact($0.1)))" }
        return "\(line.name), \(x): \(yStyle.exact(point.y))\(interval ?? "")"
    }
}

// MARK: Names

extension LineChart {
    /// A name beside the plot, its sample and the number that it belongs to.
    private struct Name {
        let name: String
        let y: Double
        /// `nil` for a line to compare with.
        let style: SeriesStyle?
    }

    private func names(_ lines: [Line], _ axis: PlotAxis) -> [Name] {
        func inside(_ y: Double) -> Double {
            min(max(y, axis.range.lowerBound), axis.range.upperBound)
        }
        let compared = references.filter { $0.y.isDrawable }.map {
            Name(name: $0.name, y: inside($0.y), style: nil)
        }
        let named =
            isCrowd
            ? groups.enumerated().map { index, group in
                let ends = lines.filter { $0.style == index }.compactMap(\.points.last?.y)
                let mean = ends.reduce(0) { $0 + $1 / Double(ends.count) }
                return Name(name: group, y: inside(mean), style: SeriesStyle(index))
            }
            : lines.compactMap { line in
                line.points.last.map {
                    Name(name: line.name, y: inside($0.y), style: SeriesStyle(line.style))
                }
            }
        return (named + compared).filter { !$0.name.isEmpty }
    }

    private func column(_ names: [Name], beside frame: PlotFrame) -> [Markup] {
        let ends = names.map { frame.place(y: $0.y) }
        let places = PlotLegend.spread(
            ends,
            gap: Self.gap,
            within: frame.top + 2...frame.bottom - 2
        )
        return zip(names, zip(ends, places)).flatMap { name, place -> [Markup] in
            let x = frame.right
            let text = PlotCanvas.text(
                name.name,
                at: (x + 34, place.1 + 4),
                room: Self.width - x - 34 + 3
            )
            let sample = ((x + 11, place.1), (x + 30, place.1))
            guard let style = name.style else {
                return [PlotFrame.line("mg-reference", sample.0, sample.1), text]
            }
            var (lead, line) = (PathText(), PathText())
            lead.line([(x + 2, place.0), (x + 9, place.1)])
            line.line([sample.0, sample.1])
            let dashes = isCrowd ? "" : style.dashes
            var drawn: [Markup] = [
                .leaf("path", ["class": "mg-thin", "d": lead.source]),
                .leaf(
                    "path",
                    [
                        "class": "mg-line", "stroke-dasharray": dashes.isEmpty ? "none" : dashes,
                        "d": line.source,
                    ]
                ),
            ]
            if !isCrowd {
                let mark = style.mark(x + 20.5, place.1)
                drawn.append(.leaf("path", ["class": "mg-mark", "d": mark]))
            }
            return [.element("g", ["class": style.className], drawn), text]
        }
    }

    private func description(_ lines: [Line]) -> String {
        let ends =
            isCrowd
            ? []
            : lines.compactMap { line in
                line.points.last.map { "\(line.name) ends at \(yStyle.exact($0.y))." }
            }
        let compared = references.map { "\($0.name): \(yStyle.exact($0.y))." }
        let what = "Line chart: \(yTitle) against \(xTitle), \(series.count) lines."
        return ([what] + ends + compared).joined(separator: " ")
    }
}
