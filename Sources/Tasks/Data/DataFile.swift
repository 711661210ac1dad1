internal import FoundationEssentials

/// A file of examples, and how they are written in it.
struct DataFile: Sendable {
    let url: URL
    let format: any DatasetFormat

    /// A file in a format, `nil` for the one that the ending of its name says.
    init(_ url: URL, format: (any DatasetFormat)?) throws(DataError) {
        guard let format = format ?? DatasetFormats.ofSingle(url) else {
            throw .unknownFormat(url.path, known: DatasetFormats.endings)
        }
        self.url = url
        self.format = format
    }

    /// The files of a directory by the names of their splits: what stands before the ending.
    ///
    /// Files of no known format are passed over, and so are hidden ones and those that speak about
    /// the data, such as `README.txt` and `labels.json`.
    ///
    /// A directory with more pictures than files of data is a folder of pictures, and those files are
    /// about them.
    static func splits(
        of directory: URL,
        format: (any DatasetFormat)?
    ) throws(DataError) -> [String: [DataFile]] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
        else { throw .unreadable(directory.path) }
        var splits: [String: [DataFile]] = [:]
        for name in names.sorted() where !name.hasPrefix(".") {
            let url = directory.appending(path: name)
            var isDirectory = false
            guard let found = DatasetFormats.of(url), let split = found.split(of: url),
                format.map({ $0.name == found.name }) ?? true,
                !companions.contains(split.lowercased()),
                FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory),
                !isDirectory
            else { continue }
            splits[split, default: []].append(try DataFile(url, format: found))
        }
        let folders = ImageFolder()
        if format.map({ $0.name == folders.name }) ?? true {
            let found = try ImageFolder.splits(of: directory)
            let pictures = found.values.reduce(0) { $0 + folders.files(of: $1).count }
            if pictures > splits.count {
                splits = [:]
                for (split, folder) in found {
                    splits[split] = [try DataFile(folder, format: folders)]
                }
            }
        }
        guard !splits.isEmpty else {
            throw .noSplits(
                directory.path,
                known: format?.pathExtensions.map { ".\($0)" } ?? DatasetFormats.endings
            )
        }
        return splits
    }

    /// The names, without endings, of files that accompany data.
    private static let companions: Set = [
        "readme", "license", "licence", "notice", "copying", "sources", "changelog", "labels",
        "classes", "dataset_info", "dataset_infos",
    ]
}
