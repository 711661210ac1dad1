/// A table for people: aligned columns that make do with the width there is.
///
/// Texts stand at the left of their column and numbers at the right. Where the width is short,
/// texts are wrapped, the widest column first; where even that is not enough, every row becomes a
/// list of its own. Nothing is left out.
public struct TextTable: Sendable {
    /// A column of a table.
    public struct Column: Sendable, Equatable {
        package let title: String
        let isNumber: Bool

        /// A column of texts.
        public static func text(_ title: String) -> Column { Column(title: title, isNumber: false) }

        /// A column of numbers, which are never wrapped.
        public static func number(_ title: String) -> Column {
            Column(title: title, isNumber: true)
        }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    /// A table without rows.
    public init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row with one cell for each column.
    public mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "\(cells.count) of \(columns.count) cells")
        rows.append(cells.map(\.printable))
    }

    /// The table for a terminal of so many columns; `nil` where lines may have any length.
    public func text(width: Int?) -> String {
        let lines = widths(within: width).map(table) ?? list(width: width ?? .max)
        return lines.map { line in
            (line.lastIndex { $0 != " " }.map { line[...$0] } ?? "") + "\n"
        }.joined()
    }
}

extension TextTable {
    private static let gap = "  "
    /// The columns below which a text is not squeezed.
    private static let leastWidth = 12

    /// The width of each column; `nil` where the table does not fit.
    private func widths(within limit: Int?) -> [Int]? {
        let cells = columns.indices.map { column in
            [columns[column].title] + rows.map { $0[column] }
        }
        let natural = cells.map { $0.map(\.displayWidth).max() ?? 0 }
        guard let limit else { return natural }
        // Words stay whole while there is room for that; names of parameters are too long for it.
        let words = cells.map { texts in
            let longest = texts.flatMap { $0.split(separator: " ").map(\.displayWidth) }.max() ?? 0
            return max(Self.leastWidth, min(longest, 2 * Self.leastWidth))
        }
        let least = columns.map { _ in Self.leastWidth }
        return shrunk(natural, floors: words, to: limit)
            ?? shrunk(natural, floors: least, to: limit)
    }

    /// The widths with as much taken off the widest texts as has to be, or `nil`.
    private func shrunk(_ natural: [Int], floors: [Int], to limit: Int) -> [Int]? {
        var widths = natural
        var excess = widths.reduce(Self.gap.count * (columns.count - 1), +) - limit
        while excess > 0 {
            let candidates = columns.indices.filter {
                !columns[$0].isNumber && widths[$0] > floors[$0]
            }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return nil }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func table(_ widths: [Int]) -> [String] {
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: Self.gap)
        let head = lines(of: columns.map(\.title), widths)
        return head + [rule] + rows.flatMap { lines(of: $0, widths) }
    }

    /// One row, its cells wrapped to the widths of their columns.
    private func lines(of cells: [String], _ widths: [Int]) -> [String] {
        let wrapped = zip(cells, widths).map { $0.wrapped(toWidth: $1) }
        let height = wrapped.map(\.count).max() ?? 0
        return (0..<height).map { line in
            columns.indices.map { column in
                let text = line < wrapped[column].count ? wrapped[column][line] : ""
                return text.padded(toWidth: widths[column], isRight: columns[column].isNumber)
            }.joined(separator: Self.gap)
        }
    }

    /// Every row as lines of a title and a cell, with an empty line between rows.
    private func list(width: Int) -> [String] {
        let margin = (columns.map(\.title.displayWidth).max() ?? 0) + Self.gap.count
        let room = max(width - margin, Self.leastWidth)
        let blocks = rows.map { cells in
            zip(columns, cells).flatMap { column, cell in
                cell.wrapped(toWidth: room).enumerated().map { index, line in
                    (index == 0 ? column.title : "").padded(toWidth: margin) + line
                }
            }
        }
        return Array(blocks.joined(separator: [""]))
    }
}
