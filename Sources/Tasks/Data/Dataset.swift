public import FoundationEssentials

/// The examples of a task, in splits: the files of a directory, or one file.
///
/// ```swift
/// let data = try Dataset(DataSource(path: directory))
/// let adapt = try data.unlabeled(SplitReference(parsing: "train[:2000]"))
/// let test = try data.labeled(data.defaultSplit("test"), classNames: names)
/// ```
///
/// Making one only lists files; a split is read when it is asked for.
public struct Dataset: Sendable {
    /// The only split of a data set that is one file.
    public static let wholeSplit = "all"

    /// Where the examples lie.
    public let source: DataSource
    /// The files of every split; more than one is ambiguous.
    private let splitFiles: [String: [DataFile]]
    private let isDirectory: Bool

    /// Finds the splits of a directory or a file.
    ///
    /// - Throws: ``DataError`` where there are none, or the format is not known.
    public init(_ source: DataSource) throws(DataError) {
        self.source = source
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: source.path.path, isDirectory: &isDirectory)
        else { throw .notThere(source.path.path) }
        self.isDirectory = isDirectory
        let format = try source.format.map(DatasetFormats.named)
        splitFiles =
            isDirectory
            ? try DataFile.splits(of: source.path, format: format)
            : [Self.wholeSplit: [try DataFile(source.path, format: format)]]
    }

    /// The files of all splits, by name of the split.
    public var files: [URL] { splits.flatMap { files(of: $0) } }

    /// The files of a split.
    public func files(of split: String) -> [URL] {
        (splitFiles[split] ?? []).flatMap { $0.format.files(of: $0.url) }
    }

    /// Whether there are pictures in it, as far as names and headers say.
    public func holdsPictures() throws -> Bool {
        try splitFiles.values.joined().contains { try $0.format.holdsPictures($0.url) }
    }

    /// The names of the splits, sorted.
    public var splits: [String] { splitFiles.keys.sorted() }

    /// The split of a name or, where the data are a single file, that file.
    ///
    /// - Throws: ``DataError`` naming the splits there are, where neither is one.
    public func defaultSplit(_ name: String) throws(DataError) -> SplitReference {
        if splitFiles[name] != nil { return SplitReference(split: name) }
        if splitFiles[Self.wholeSplit] != nil { return SplitReference(split: Self.wholeSplit) }
        throw .unknownSplit(name, path: source.path.path, known: splits)
    }
}

extension Dataset {
    /// The names of the classes that `labels.json` beside a split gives, or else the data
    /// themselves; `nil` where neither does.
    public func classNames(of split: String) throws -> [String]? {
        try Classes(model: nil, of: try file(of: split)).names
    }

    /// The file beside a split that names its classes; `nil` where there is none.
    public func classList(of split: String) -> URL? {
        guard let file = try? file(of: split) else { return nil }
        let list = Classes.list(beside: file.url)
        return FileManager.default.fileExists(atPath: list.path) ? list : nil
    }

    /// The one file of a split.
    func file(of split: String) throws(DataError) -> DataFile {
        guard let candidates = splitFiles[split], let file = candidates.first else {
            if !isDirectory { throw .singleFile(split, path: source.path.path) }
            throw .unknownSplit(split, path: source.path.path, known: splits)
        }
        guard candidates.count == 1 else {
            throw .ambiguousSplit(split, files: candidates.map(\.url.path))
        }
        return file
    }
}
