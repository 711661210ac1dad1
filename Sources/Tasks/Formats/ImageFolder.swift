internal import FoundationEssentials

/// A folder of pictures: a folder for each class, or the pictures themselves where they have none.
///
/// The folders of a data set are its splits where one of them is called as splits are, or holds
/// folders of pictures in turn; else they are the classes of its only split.
struct ImageFolder: DatasetFormat {
    let name = "imagefolder"
    let pathExtensions: [String] = []

    func holdsPictures(_ folder: URL) -> Bool { true }

    func files(of folder: URL) -> [URL] {
        if Self.isPicture(folder.lastPathComponent) { return [folder] }
        return (try? Self.pictures(in: folder))?.map { folder.appending(path: $0.path) } ?? []
    }

    func classNames(of folder: URL) throws -> [String]? {
        if Self.isPicture(folder.lastPathComponent) { return nil }
        let names = try Set(Self.pictures(in: folder).compactMap(\.class)).sorted()
        return names.isEmpty ? nil : names
    }

    func records(of folder: URL, _ fields: Fields) throws -> Records {
        var records = Records(place: .row)
        if Self.isPicture(folder.lastPathComponent) {
            records.all = [Record(input: .pictureFile(folder.path), label: nil, line: 0)]
            return records
        }
        let pictures = try Self.pictures(in: folder)
        records.all = pictures.enumerated().map { index, picture in
            Record(
                input: .pictureFile(folder.appending(path: picture.path).path),
                label: fields.label == nil ? nil : picture.class.map { .name($0) },
                line: index
            )
        }
        return records
    }
}

extension ImageFolder {
    /// The endings of pictures, and of those that are none that can be read: to pass over these
    /// would lose examples silently.
    private static let endings: Set = [
        "png", "jpg", "jpeg", "jpe", "gif", "webp", "bmp", "tif", "tiff", "heic", "avif",
    ]

    private static let splitNames: Set = [
        "train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval",
        "evaluate", "evaluation", "adapt", "select", "unlabeled",
    ]

    /// The splits of a folder: itself, or the folders in it.
    ///
    /// There are none where no picture is found.
    static func splits(of folder: URL) throws(DataError) -> [String: URL] {
        let folders = try contents(of: folder).filter(\.isFolder).map(\.name)
        var nested: [String] = []
        for name in folders where try isSplit(folder.appending(path: name)) { nested.append(name) }
        guard nested.isEmpty else {
            return nested.reduce(into: [:]) { $0[$1] = folder.appending(path: $1) }
        }
        return try pictures(in: folder).isEmpty ? [:] : [Dataset.wholeSplit: folder]
    }

    /// Whether a folder is called as splits are and has pictures, or has folders of pictures.
    private static func isSplit(_ folder: URL) throws(DataError) -> Bool {
        if splitNames.contains(folder.lastPathComponent.lowercased()) {
            return try !pictures(in: folder).isEmpty
        }
        for entry in try contents(of: folder) where entry.isFolder {
            let inner = try contents(of: folder.appending(path: entry.name))
            if inner.contains(where: \.isPicture) { return true }
        }
        return false
    }

    /// The pictures of a split and their classes, sorted by class and name.
    private static func pictures(
        in folder: URL
    ) throws(DataError) -> [(path: String, class: String?)] {
        var found: [(path: String, class: String?)] = []
        for entry in try contents(of: folder) {
            if entry.isPicture { found.append((entry.name, nil)) }
            guard entry.isFolder else { continue }
            let inner = try contents(of: folder.appending(path: entry.name))
            found += inner.filter(\.isPicture).map { ("\(entry.name)/\($0.name)", entry.name) }
        }
        return found
    }

    private struct Entry {
        let name: String
        let isFolder: Bool
        var isPicture: Bool { !isFolder && ImageFolder.isPicture(name) }
    }

    /// Whether a file's name says that it is a picture, which is then all there is.
    static func isPicture(_ name: String) -> Bool {
        endings.contains(URL(filePath: name).pathExtension.lowercased())
    }

    private static func contents(of folder: URL) throws(DataError) -> [Entry] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
            throw .unreadable(folder.path)
        }
        return names.filter { !$0.hasPrefix(".") }.sorted().map { name in
            var isFolder = false
            let path = folder.appending(path: name).path
            _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            return Entry(name: name, isFolder: isFolder)
        }
    }
}
