internal import FoundationEssentials

/// Comma-separated values as RFC 4180 has them, in UTF-8, with a header.
struct CSV: DatasetFormat {
    let name = "csv"
    let pathExtensions = ["csv"]

    func records(of file: URL, _ fields: Fields) throws -> Records {
        let text = try TextFile(file)
        return try Table(text, separator: UInt8(ascii: ","), isQuoted: true)
            .records(of: file, fields)
    }
}
