/// What an analysis finds: named columns, and rows of texts and numbers.
struct AnalysisTable: Codable, Sendable, Equatable {
    /// A text or a number of a table.
    enum Cell: Sendable, Equatable {
        case text(String)
        case number(Double)
    }

    /// The names of the columns.
    let columns: [String]
    /// A cell for each column in every row.
    private(set) var rows: [[Cell]] = []

    init(_ columns: [String]) { self.columns = columns }

    /// Adds a row with a cell for each column.
    mutating func add(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "\(cells.count) of \(columns.count) cells")
        rows.append(cells)
    }

    /// The position of a column.
    private func column(_ name: String) -> Int {
        guard let index = columns.firstIndex(of: name) else {
            preconditionFailure("no column \(name) among \(columns)")
        }
        return index
    }

    /// The numbers of a column; NaN where there are none.
    func numbers(_ name: String) -> [Double] {
        let index = column(name)
        return rows.map { if case .number(let number) = $0[index] { number } else { .nan } }
    }

    /// The texts of a column; numbers in their shortest form.
    func texts(_ name: String) -> [String] {
        let index = column(name)
        return rows.map { $0[index].text }
    }
}

extension AnalysisTable {
    /// The positions of the rows.
    var indices: Range<Int> { rows.indices }

    /// The rows that have the same text in a column, in the order of the first of each.
    func groups(by name: String) -> [(name: String, rows: AnalysisTable)] {
        let texts = texts(name)
        return texts.unique.map { name in
            var group = AnalysisTable(columns)
            for (text, row) in zip(texts, rows) where text == name { group.add(row) }
            return (name, group)
        }
    }
}

extension AnalysisTable.Cell {
    /// The text, or the number in its shortest form.
    var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): DocumentValue.numeral(number)
        }
    }
}

extension AnalysisTable.Cell: Codable {
    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .number(.nan)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try value.decode(String.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .text(let text): try value.encode(text)
        case .number(let number):
            // JSON has no word for what is no number.
            if number.isFinite { try value.encode(number) } else { try value.encodeNil() }
        }
    }
}

extension AnalysisTable.Cell: ExpressibleByStringInterpolation, ExpressibleByFloatLiteral {
    init(stringLiteral text: String) { self = .text(text) }
    init(floatLiteral number: Double) { self = .number(number) }
}
