internal import FoundationEssentials

/// Finds the files that a recipe names: beside the recipe, then in the working directory.
struct PathResolver: Sendable {
    /// The directories that relative paths are tried in, in this order.
    let directories: [String]

    init(directories: [String]) {
        self.directories = directories.reduce(into: []) { unique, directory in
            if !unique.contains(directory) { unique.append(directory) }
        }
    }

    /// The absolute path of a file or directory that exists.
    func existing(_ path: String) -> String? {
        guard !path.isEmpty else { return nil }
        let candidates = path.hasPrefix("/") ? [path] : directories.map { "\($0)/\(path)" }
        return candidates.first(where: FileManager.default.fileExists).map(Self.standardized)
    }

    /// A path without `.`, `..`, doubled or trailing slashes.
    static func standardized(_ path: String) -> String {
        URL(filePath: path).standardized.path
    }
}
