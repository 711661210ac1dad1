/// A table of numbers as coloured cells, which have their numbers while there is room for them.
///
/// Cells keep their colour and their ink on a dark screen. Between names, columns have their labels at
/// the top; a map over two quantities, with titles for both, has its axes at the left and the bottom.
package struct HeatMap: Sendable, Equatable {
    /// The place of a number.
    package struct Cell: Sendable, Hashable {
        package let row, column: Int

        package init(row: Int, column: Int) { (self.row, self.column) = (row, column) }
    }

    package var title: String
    package var rows, columns: [String]
    /// What the rows and the columns are; empty where they are names.
    package var rowTitle, columnTitle: String
    /// A number for each cell; `nil` where there is none.
    package var values: [[Double?]]
    package var style: NumberStyle
    /// How numbers become colours; `nil` where this follows from the numbers.
    package var scale: Scale?
    /// A cell that stands out, such as the best one.
    package var marked: Cell?
    /// The number at which a line is drawn between the cells above and below it.
    package var contour: Double?
    /// Sentences below the map.
    package var notes: [String]

    package init(
        title: String,
        rows: [String],
        columns: [String],
        values: [[Double?]],
        rowTitle: String = "",
        columnTitle: String = "",
        style: NumberStyle = .plain,
        scale: Scale? = nil,
        marked: Cell? = nil,
        contour: Double? = nil,
        notes: [String] = []
    ) {
        precondition(values.count == rows.count, "\(values.count) of \(rows.count) rows")
        precondition(values.allSatisfy { $0.count == columns.count }, "a number for each column")
        (self.title, self.rows, self.columns, self.values) = (title, rows, columns, values)
        (self.rowTitle, self.columnTitle) = (rowTitle, columnTitle)
        (self.style, self.scale) = (style, scale)
        (self.marked, self.contour, self.notes) = (marked, contour, notes)
    }

    /// A map over two quantities; `values[y][x]` stands over `x`, and `y` grows upwards.
    package init(
        title: String,
        x: (title: String, values: [Double]),
        y: (title: String, values: [Double]),
        values: [[Double?]],
        style: NumberStyle = .plain,
        scale: Scale? = nil,
        marked: (x: Int, y: Int)? = nil,
        contour: Double? = nil,
        notes: [String] = []
    ) {
        self.init(
            title: title,
            rows: y.values.reversed().map(NumberStyle.plain.exact),
            columns: x.values.map(NumberStyle.plain.exact),
            values: values.reversed(),
            rowTitle: y.title,
            columnTitle: x.title,
            style: style,
            scale: scale,
            marked: marked.map { Cell(row: y.values.count - 1 - $0.y, column: $0.x) },
            contour: contour,
            notes: notes
        )
    }

    /// Whether the map lies over two quantities.
    package var hasAxes: Bool { !rowTitle.isEmpty && !columnTitle.isEmpty }

    /// The numbers that have a colour.
    package var numbers: [Double] { values.joined().compactMap(\.self).filter(\.isDrawable) }

    /// How many numbers are there but have no colour.
    package var leftOut: Int { values.joined().compactMap(\.self).count - numbers.count }
}
