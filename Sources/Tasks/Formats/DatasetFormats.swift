internal import FoundationEssentials

/// A way in which examples are written in a file.
protocol DatasetFormat: Sendable {
    /// What recipes call it.
    var name: String { get }
    /// The endings of the names of its files, without the dot.
    var pathExtensions: [String] { get }

    /// The field of the label where a recipe names none.
    var labelField: String { get }

    /// The split that a file is, by its name; `nil` where the name is not of this format.
    func split(of file: URL) -> String?
    /// Every file that is read for a split.
    func files(of file: URL) -> [URL]
    /// Whether the examples are pictures; where it takes a look, at a header only.
    func holdsPictures(_ file: URL) throws -> Bool
    /// The names of the classes where the data themselves have them, in the order of their numbers.
    func classNames(of file: URL) throws -> [String]?

    /// All records of a file, and what is wrong with those that cannot be read.
    ///
    /// - Throws: an error where the file as a whole is not what it should be.
    func records(of file: URL, _ fields: Fields) throws -> Records
}

extension DatasetFormat {
    var labelField: String { "label" }

    func split(of file: URL) -> String? {
        guard pathExtensions.contains(file.pathExtension.lowercased()) else { return nil }
        return file.deletingPathExtension().lastPathComponent
    }

    func files(of file: URL) -> [URL] { [file] }

    func holdsPictures(_ file: URL) throws -> Bool { false }

    func classNames(of file: URL) throws -> [String]? { nil }
}

/// Every format that examples can be read from.
enum DatasetFormats {
    /// The table: a new format is one file and one line here.
    static let all: [any DatasetFormat] = [
        JSONLines(),
        CSV(),
        TSV(),
        PlainText(),
        TensorFile(),
        IDX(),
        ImageFolder(),
    ]

    /// All endings of file names, with their dots.
    static var endings: [String] { all.flatMap { $0.pathExtensions.map { ".\($0)" } } }

    /// The format that a file's name stands for.
    static func of(_ file: URL) -> (any DatasetFormat)? { all.first { $0.split(of: file) != nil } }

    /// The format of a file that is named by itself: its ending is enough.
    static func ofSingle(_ file: URL) -> (any DatasetFormat)? {
        if ImageFolder.isPicture(file.lastPathComponent) { return ImageFolder() }
        let ending = file.pathExtension.lowercased()
        return of(file) ?? all.first { $0.pathExtensions.contains(ending) }
    }

    /// The format of a name, or of an ending.
    static func named(_ name: String) throws(DataError) -> any DatasetFormat {
        let lowercased = name.lowercased()
        let format = all.first { $0.name == lowercased || $0.pathExtensions.contains(lowercased) }
        guard let format else { throw .noSuchFormat(name, known: all.map(\.name)) }
        return format
    }
}
