internal import FoundationEssentials

/// A way in which examples are written in a file.
protocol DatasetFormat: Sendable {
    /// What recipes call it.
    var name: String { get }
    /// The endings of the names of its files, without the dot.
    var pathExtensions: [String] { get }

    /// The field of the label where a recipe names none.
    var labelField: String { get }

    /// All records of a file, and what is wrong with those that cannot be read.
    ///
    /// - Throws: an error where the file as a whole is not what it should be.
    func records(of file: URL, _ fields: Fields) throws -> Records
}

extension DatasetFormat {
    var labelField: String { "label" }
}

/// Every format that examples can be read from.
enum DatasetFormats {
    /// The table: a new format is one file and one line here.
    static let all: [any DatasetFormat] = [
        JSONLines(),
        CSV(),
        TSV(),
        PlainText(),
        TokenTensors(),
    ]

    /// All endings of file names, with their dots.
    static var endings: [String] { all.flatMap { $0.pathExtensions.map { ".\($0)" } } }

    /// The format that the ending of a file's name stands for.
    static func of(_ file: URL) -> (any DatasetFormat)? {
        let ending = file.pathExtension.lowercased()
        return all.first { $0.pathExtensions.contains(ending) }
    }

    /// The format of a name, or of an ending.
    static func named(_ name: String) throws(DataError) -> any DatasetFormat {
        let lowercased = name.lowercased()
        let format = all.first { $0.name == lowercased || $0.pathExtensions.contains(lowercased) }
        guard let format else { throw .noSuchFormat(name, known: all.map(\.name)) }
        return format
    }
}
