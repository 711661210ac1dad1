public import FoundationEssentials

/// Directories that are either there in full or not at all.
public enum OutputDirectory {
    /// What happens to a directory that stands in the place of the output.
    public enum Replacement: Sendable {
        /// It is kept, and the output refused, unless it is empty.
        case never
        /// It is replaced if it holds this file, which shows that it is an earlier output.
        case ifHolding(String)
        /// It is replaced.
        case always
    }

    /// Builds a directory beside its place and gives it its name when `body` has filled it.
    ///
    /// If `body` fails, nothing is left of its work and what stood there stays.
    public static func write<R>(
        to url: URL,
        replacing: Replacement = .never,
        _ body: (URL) throws -> R
    ) throws -> R {
        let files = FileManager.default
        let destination = url.standardizedFileURL
        try check(destination, replacing: replacing)
        let staging = partial(destination)
        try createDirectory(staging, for: destination)
        do {
            let result = try body(staging)
            synchronize(directory: staging.path)
            // Somebody else may have filled the place in the meantime.
            try check(destination, replacing: replacing)
            try swap(staging, into: destination)
            synchronize(directory: destination.deletingLastPathComponent().path)
            return result
        } catch {
            try? files.removeItem(at: staging)
            throw error
        }
    }

    /// Throws unless the place is free or may be made free: worth knowing before long work.
    public static func check(
        _ url: URL,
        replacing: Replacement = .never
    ) throws(CheckpointError) {
        let destination = url.standardizedFileURL
        let files = FileManager.default
        var isDirectory = false
        guard files.fileExists(atPath: destination.path, isDirectory: &isDirectory) else { return }
        guard isDirectory else {
            throw .notADirectory(file: destination.path)
        }
        let isEmpty = (try? files.contentsOfDirectory(atPath: destination.path).isEmpty) ?? false
        let isAllowed =
            switch replacing {
            case .never: false
            case .ifHolding(let name):
                files.fileExists(atPath: destination.appending(path: name).path)
            case .always: true
            }
        if !isEmpty && !isAllowed { throw .occupied(directory: destination.path) }
    }

    /// Puts the new directory in the place of the old one, which comes back if that fails.
    private static func swap(_ staging: URL, into destination: URL) throws(CheckpointError) {
        let files = FileManager.default
        guard files.fileExists(atPath: destination.path) else {
            return try rename(staging.path, to: destination.path)
        }
        let old = partial(destination).path
        try rename(destination.path, to: old)
        do throws(CheckpointError) {
            try rename(staging.path, to: destination.path)
        } catch {
            try? rename(old, to: destination.path)
            throw error
        }
        try? files.removeItem(atPath: old)
    }
}
