internal import FoundationEssentials

/// A model's id and revision, and where the Hugging Face cache has them.
struct HubReference: Equatable {
    /// `owner/name`, or `name` alone for some old models.
    let id: String
    let revision: String

    /// Reads `owner/name@revision`; a text that cannot be an id is none.
    init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        id = String(parts[0])
        revision = parts.count == 2 ? String(parts[1]) : "main"
        let names = id.split(separator: "/", omittingEmptySubsequences: false)
        let revisionParts = revision.split(separator: "/", omittingEmptySubsequences: false)
        guard names.count <= 2, (names + revisionParts).allSatisfy(Self.isName) else { return nil }
    }

    /// The folder of the model in a cache.
    var folder: String { "models--" + id.split(separator: "/").joined(separator: "--") }

    /// The snapshot of the revision, which is a commit, or a branch or tag that refers to one.
    func snapshot(in repository: URL) -> URL? {
        let snapshots = repository.appending(path: "snapshots")
        let ref = repository.appending(path: "refs").appending(path: revision)
        var candidates = [revision]
        if let bytes = try? contents(of: ref, limit: 1000) {
            let commit = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
            if Self.isName(commit[...]) { candidates.insert(commit, at: 0) }
        }
        return candidates.lazy.map { snapshots.appending(path: $0) }.first { $0.isDirectory }
    }

    /// The caches that the environment names, the most particular first.
    static func caches(_ environment: [String: String]) -> [URL] {
        var caches: [URL] = []
        for key in ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"] {
            if let path = environment[key], !path.isEmpty { caches.append(URL(filePath: path)) }
        }
        for (key, rest) in [
            ("HF_HOME", "hub"), ("XDG_CACHE_HOME", "huggingface/hub"),
            ("HOME", ".cache/huggingface/hub"),
        ] {
            if let path = environment[key], !path.isEmpty {
                caches.append(URL(filePath: path).appending(path: rest))
            }
        }
        return caches
    }

    private static func isName(_ text: Substring) -> Bool {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isPlain && !text.isEmpty && text.first != "."
    }
}

extension URL {
    /// Whether a directory is there, symbolic links being followed.
    var isDirectory: Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && isDirectory
    }
}
