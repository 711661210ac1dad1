extension HeatMap: Plot {
    /// The map as a part of a page.
    package var drawing: Markup { Self.drawn([self], scale: scale ?? Scale(holding: numbers)) }

    /// Maps below each other, with one scale, as a file.
    package static func drawing(_ maps: [HeatMap], scale: Scale) -> String {
        drawn(maps, scale: scale).source + "\n"
    }

    private static func drawn(_ maps: [HeatMap], scale: Scale) -> Markup {
        let layouts = maps.filter { !$0.numbers.isEmpty }.map { Layout($0, scale) }
        let width = layouts.map(\.width).reduce(320, max)
        var canvas = PlotCanvas(title: maps.first?.title ?? "", width: width)
        for (index, layout) in layouts.enumerated() {
            if index > 0 {
                canvas.skip(12)
                canvas.add(heading: layout.map.title)
            }
            canvas.add(layout.elements(top: canvas.height), height: layout.height)
        }
        if layouts.isEmpty {
            canvas.addNoData()
        } else {
            canvas.skip(12)
            let style = maps[0].style
            canvas.add(scale.legend(style, left: 0, top: canvas.height), height: 16)
        }
        let leftOut = PlotCanvas.leftOut(maps.reduce(0) { $0 + $1.leftOut })
        canvas.add(notes: maps.flatMap(\.notes) + [leftOut])
        let sizes = maps.map { "\($0.rows.count) × \($0.columns.count) numbers" }
        return canvas.drawing(description: "Heat map: \(sizes.joined(separator: ", and ")).")
    }

    /// How large cells are, and where they stand.
    package struct Layout: Sendable {
        let map: HeatMap
        let scale: Scale
        package let cell: (width: Double, height: Double)
        package let hasNumbers: Bool
        /// Every how many-th row and column has a label.
        package let labelled: (rows: Int, columns: Int)
        private let labels: (rows: Double, columns: Double)

        package init(_ map: HeatMap, _ scale: Scale) {
            (self.map, self.scale) = (map, scale)
            let (rows, columns) = (Double(map.rows.count), Double(map.columns.count))
            let number = map.numbers.map { PlotCanvas.width(of: scale.text($0, map.style)) }.max()
            let room = max(number ?? 0, 40) + 6
            hasNumbers = room * columns <= 640 && rows <= 40
            // Whole numbers, so that no background shines through between cells.
            if hasNumbers {
                cell = (room.rounded(.up), 23)
            } else {
                let width = min(max((420 / columns).rounded(.down), 5), 34)
                let height = min(max((900 / rows).rounded(.down), 5), 22)
                cell = map.hasAxes ? (min(width, height), min(width, height)) : (width, height)
            }
            func widest(_ labels: [String]) -> Double {
                labels.map { PlotCanvas.width(of: $0.printable) }.max() ?? 0
            }
            labels = (min(widest(map.rows), 300), min(widest(map.columns), 300))
            let columnRoom = map.hasAxes ? labels.columns + 8 : 13
            labelled = (
                max(1, Int((13 / cell.height).rounded(.up))),
                max(1, Int((columnRoom / cell.width).rounded(.up)))
            )
        }

        /// Where the first column begins.
        private var left: Double { labels.rows + 10 }
        /// The height of what is above the first row.
        private var head: Double {
            // Labels rise by 45 degrees.
            map.hasAxes ? PlotCanvas.lineHeight + 8 : labels.columns * 0.71 + 18
        }
        private var foot: Double { map.hasAxes ? 2 * PlotCanvas.lineHeight + 6 : 0 }
        private var size: (width: Double, height: Double) {
            (cell.width * Double(map.columns.count), cell.height * Double(map.rows.count))
        }
        var width: Double {
            left + size.width + (map.hasAxes ? labels.columns / 2 : labels.columns * 0.71) + 6
        }
        var height: Double { head + size.height + foot }
    }
}

// MARK: Elements

extension HeatMap.Layout {
    func elements(top: Double) -> [Markup] {
        let top = top + head
        return rowLabels(top) + columnLabels(top) + [.element("g", cellAttributes, cells(top))]
            + outlines(top)
    }

    private var cellAttributes: KeyValuePairs<StaticString, String> {
        ["shape-rendering": "crispEdges"]
    }

    private func rowLabels(_ top: Double) -> [Markup] {
        let labels = map.rows.enumerated().filter { index, _ in
            // The lowest row of a quantity is its first value.
            (map.hasAxes ? map.rows.count - 1 - index : index) % labelled.rows == 0
        }.map { index, label in
            PlotCanvas.text(
                label,
                at: (left - 6, top + (Double(index) + 0.5) * cell.height + 4),
                anchor: .end,
                room: self.labels.rows + 1
            )
        }
        guard map.hasAxes else { return labels }
        return labels + [
            PlotCanvas.text(map.rowTitle, at: (0, top - 10), className: "mg-quiet")
        ]
    }

    private func columnLabels(_ top: Double) -> [Markup] {
        let labelled = map.columns.enumerated().filter { $0.offset % self.labelled.columns == 0 }
        let bottom = top + size.height
        guard map.hasAxes else {
            return labelled.map { index, label in
                PlotCanvas.text(
                    label,
                    at: (left + (Double(index) + 0.5) * cell.width, top - 6),
                    room: labels.columns + 1,
                    rotation: -45
                )
            }
        }
        let title = PlotCanvas.text(
            map.columnTitle,
            at: (left + size.width / 2, bottom + 2 * PlotCanvas.lineHeight),
            className: "mg-quiet",
            anchor: .middle
        )
        return labelled.map { index, label in
            PlotCanvas.text(
                label,
                at: (left + (Double(index) + 0.5) * cell.width, bottom + 14),
                anchor: .middle
            )
        } + [title]
    }

    private func cells(_ top: Double) -> [Markup] {
        let gap = hasNumbers ? 1.0 : 0
        return map.rows.indices.flatMap { row in
            map.columns.indices.flatMap { column -> [Markup] in
                let value = map.values[row][column].flatMap { $0.isDrawable ? $0 : nil }
                let (x, y) = (left + Double(column) * cell.width, top + Double(row) * cell.height)
                let colour = value.map(scale.colour) ?? CellColour.none
                let names = "\(map.rows[row]), \(map.columns[column])"
                let rect = Markup.element(
                    "rect",
                    [
                        "x": x.place, "y": y.place, "width": (cell.width - gap).place,
                        "height": (cell.height - gap).place, "fill": colour.hexadecimal,
                    ],
                    [.element("title", "\(names): \(value.map(map.style.exact) ?? "–")")]
                )
                guard hasNumbers else { return [rect] }
                let number = PlotCanvas.text(
                    value.map { scale.text($0, map.style) } ?? "–",
                    at: (x + (cell.width - gap) / 2, y + cell.height / 2 + 4),
                    className: colour.ink,
                    anchor: .middle
                )
                return [rect, number]
            }
        }
    }

    /// The cell that stands out, and the line between cells above and below a number.
    private func outlines(_ top: Double) -> [Markup] {
        var path = PathText()
        func place(_ row: Int, _ column: Int) -> (Double, Double) {
            (left + Double(column) * cell.width, top + Double(row) * cell.height)
        }
        for edge in map.contourEdges {
            path.line([place(edge.from.row, edge.from.column), place(edge.to.row, edge.to.column)])
        }
        if let (row, column) = map.marked.map({ ($0.row, $0.column) }) {
            path.polygon([
                place(row, column), place(row, column + 1), place(row + 1, column + 1),
                place(row + 1, column),
            ])
        }
        guard !path.source.isEmpty else { return [] }
        return ["mg-rim", "mg-rim mg-inner"].map {
            .leaf("path", ["class": $0, "d": path.source])
        }
    }
}

extension HeatMap {
    /// The edges between neighbours of which one is above the contour's number and one is not.
    ///
    /// The ends are corners: that of row 0 and column 0 is at the upper left of the first cell.
    package var contourEdges: [(from: Cell, to: Cell)] {
        guard let contour else { return [] }
        func isAbove(_ row: Int, _ column: Int) -> Bool? {
            guard rows.indices.contains(row), columns.indices.contains(column) else { return nil }
            return values[row][column].map { $0 >= contour }
        }
        return rows.indices.flatMap { row in
            columns.indices.flatMap { column -> [(from: Cell, to: Cell)] in
                guard let here = isAbove(row, column) else { return [] }
                let corner = Cell(row: row + 1, column: column + 1)
                var edges: [(from: Cell, to: Cell)] = []
                if let right = isAbove(row, column + 1), right != here {
                    edges.append((Cell(row: row, column: column + 1), corner))
                }
                if let below = isAbove(row + 1, column), below != here {
                    edges.append((Cell(row: row + 1, column: column), corner))
                }
                return edges
            }
        }
    }
}
