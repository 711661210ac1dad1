internal import FoundationEssentials

/// The directory that the files of a model may not leave.
///
/// A model comes from strangers: the names in its index and the symbolic links in its directory
/// must not make a program read, or copy, the private files of its user.
struct ModelBoundary {
    private let roots: [String]

    init(_ directory: URL) {
        let directory = directory.resolvingSymlinksInPath()
        var roots = [directory.path]
        // The Hugging Face cache keeps content in `blobs`, and in `snapshots/REVISION` links to it.
        var ancestor = directory
        while ancestor.pathComponents.count > 2 {
            let parent = ancestor.deletingLastPathComponent()
            if parent.lastPathComponent == "snapshots" {
                roots.append(parent.deletingLastPathComponent().appending(path: "blobs").path)
                break
            }
            ancestor = parent
        }
        self.roots = roots
    }

    /// Whether a file, after all symbolic links, lies inside.
    func contains(_ file: URL) -> Bool {
        let path = file.resolvingSymlinksInPath().path
        return roots.contains { path.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
    }

    /// Whether a file name from an index is a relative path that does not climb.
    static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix("/") && !name.unicodeScalars.contains("\0")
            && !name.split(separator: "/").contains { $0 == ".." }
    }
}
