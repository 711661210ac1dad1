public import Foundation

/// The reference cases of PyTorch, transformers and mergekit that lie beside the project.
///
/// They are not part of the repository: where they are absent, the suites that read them are
/// skipped and say so, and the fixtures inside the repository remain.
public enum Golden {
    /// The folder of the golden cases, or `nil` where they are absent.
    public static let directory: URL? = existing("golden")
    /// The folder of the real data sets, or `nil` where they are absent.
    public static let data: URL? = existing("data")
    /// What a skipped test prints.
    public static let absence =
        "skipped: the reference cases (../shared/golden) are not on this machine"

    private static func existing(_ name: String) -> URL? {
        let url = repository.deletingLastPathComponent().appending(path: "shared/\(name)")
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }

    /// The root of the repository.
    public static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
