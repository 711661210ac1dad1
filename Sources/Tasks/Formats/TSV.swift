internal import FoundationEssentials

/// Tab-separated values in UTF-8, with a header.
///
/// Two customs go by this name: quoted as in CSV, and plain, where quotation marks are characters
/// like others. A file that is sound as the first is taken for it, otherwise for the second.
struct TSV: DatasetFormat {
    let name = "tsv"
    let pathExtensions = ["tsv", "tab"]

    func records(of file: URL, _ fields: Fields) throws -> Records {
        let text = try TextFile(file)
        func records(isQuoted: Bool) throws -> Records {
            try Table(text, separator: UInt8(ascii: "\t"), isQuoted: isQuoted)
                .records(of: file, fields)
        }
        let quoted = try records(isQuoted: true)
        if quoted.faults.isEmpty { return quoted }
        let plain = try records(isQuoted: false)
        // If it is neither, the reading that fails less says more about what is wrong.
        return plain.faults.count <= quoted.faults.count ? plain : quoted
    }
}
