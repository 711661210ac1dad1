internal import FoundationEssentials

/// A table with a header, of whose columns a few make examples.
struct Table {
    private var reader: DelimitedReader

    init(_ file: TextFile, separator: UInt8, isQuoted: Bool) {
        reader = DelimitedReader(file, separator: separator, isQuoted: isQuoted)
    }

    /// All rows as records.
    ///
    /// - Throws: ``DataError`` where the header lacks a column.
    consuming func records(of file: URL, _ fields: Fields) throws -> Records {
        var records = Records()
        let header: DelimitedReader.Row
        let names: [String]
        do throws(LineFault) {
            guard let row = try reader.next() else { return records }
            header = row
            names = try Self.texts(header, of: reader)
        } catch {
            // Without a header no row has a meaning.
            records.faults.add(error.problem, at: error.line)
            return records
        }
        let columns = try Columns(names, of: file, fields)
        while true {
            do throws(LineFault) {
                guard let row = try reader.next() else { return records }
                records.all.append(try record(row, columns, count: header.fields.count))
            } catch {
                records.faults.add(error.problem, at: error.line)
            }
        }
    }

    private func record(
        _ row: DelimitedReader.Row,
        _ columns: Columns,
        count: Int
    ) throws(LineFault) -> Record {
        do throws(LineProblem) {
            guard row.fields.count == count else {
                throw .fieldCount(expected: count, found: row.fields.count)
            }
            let text = try reader.text(row.fields[columns.text])
            let pair = try content(row, columns.pair)
            let label = try content(row, columns.label)
            return Record(
                input: .text(text, pair: pair),
                label: label.flatMap { $0.isEmpty ? nil : .name($0) },
                line: row.line
            )
        } catch {
            throw LineFault(line: row.line, problem: error)
        }
    }

    private func content(
        _ row: DelimitedReader.Row,
        _ column: Int?
    ) throws(LineProblem) -> String? {
        guard let column else { return nil }
        return try reader.text(row.fields[column])
    }

    private static func texts(
        _ row: DelimitedReader.Row,
        of reader: DelimitedReader
    ) throws(LineFault) -> [String] {
        do throws(LineProblem) {
            var texts: [String] = []
            for field in row.fields { texts.append(try reader.text(field)) }
            return texts
        } catch {
            throw LineFault(line: row.line, problem: error)
        }
    }
}

/// Where the fields of an example stand in a row.
private struct Columns {
    let text: Int
    let pair: Int?
    let label: Int?

    init(_ names: [String], of file: URL, _ fields: Fields) throws(DataError) {
        func position(_ field: String) throws(DataError) -> Int? {
            let places = names.indices.filter { names[$0] == field }
            guard places.count < 2 else {
                throw .column(file.path, name: field, times: places.count, found: names)
            }
            return places.first
        }
        func required(_ field: String) throws(DataError) -> Int {
            if let place = try position(field) { return place }
            throw .column(file.path, name: field, times: 0, found: names)
        }
        text = try required(fields.text)
        pair = fields.requiresPair ? try required(fields.pair) : try position(fields.pair)
        guard let field = fields.label else {
            label = nil
            return
        }
        label = try position(field)
    }
}
