internal import Checkpoints
internal import Foundation

extension ExperimentResults {
    /// Writes the tidy results: CSV as spreadsheets and data frames read it, and JSON lines.
    func writeRows() throws {
        let axes = axes
        let table = rows.map { $0.values(axes: axes) }
        let lines =
            [ResultRow.columns(axes: axes)]
            + table.map { $0.map { $0.value?.scalarText ?? "" } }
        let csv = lines.map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined()
        try AtomicFile.write(csv, to: directory.csv)
        let json = try table.map { row in
            let object = row.compactMap { column, value in value.map { (column, $0) } }
            let fields = try object.map { column, value in
                let key = try RunJSON.encode(column, pretty: false)
                return String(decoding: key, as: UTF8.self) + ":" + (try value.jsonText())
            }
            return "{" + fields.joined(separator: ",") + "}\n"
        }
        try AtomicFile.write(json.joined(), to: directory.jsonLines)
    }

    /// A cell as RFC 4180 has it.
    private static func quoted(_ cell: String) -> String {
        guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }
}

extension ExperimentResults: Encodable {
    /// The rows, as in `results.jsonl`.
    public func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for row in rows {
            var object = list.nestedContainer(keyedBy: ColumnKey.self)
            for (column, value) in row.values(axes: axes) {
                guard case .scalar(let scalar)? = value?.content else { continue }
                let key = ColumnKey(stringValue: column)
                if !scalar.isText, let number = scalar.number {
                    try object.encode(number, forKey: key)
                } else if !scalar.isText, let boolean = scalar.boolean {
                    try object.encode(boolean, forKey: key)
                } else {
                    try object.encode(scalar.text, forKey: key)
                }
            }
        }
    }

    private struct ColumnKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension DocumentValue {
    /// A scalar as it is.
    fileprivate var scalarText: String {
        if case .scalar(let scalar) = content { scalar.text } else { "" }
    }

    /// A scalar as JSON.
    fileprivate func jsonText() throws -> String {
        guard case .scalar(let scalar) = content else { return "null" }
        if !scalar.isText, scalar.number?.isFinite == true || scalar.boolean != nil {
            return scalar.text
        }
        return String(decoding: try RunJSON.encode(scalar.text, pretty: false), as: UTF8.self)
    }
}
