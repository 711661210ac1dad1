internal import COpenSSL
public import FoundationEssentials
internal import Tensors

/// The SHA-256 of files and data, in hexadecimal.
public enum SHA256Hash {
    /// The bytes after which a file is examined anew.
    private static let block = 1 << 24

    /// The hash of a file, of which little is in memory at a time.
    ///
    /// That of a large file that was hashed before and has not changed since is not computed again: it
    /// is kept in the user's cache.
    public static func ofFile(_ url: URL) throws(CheckpointError) -> String {
        try ofFile(url, knowing: KnownHashes())
    }

    static func ofFile(_ url: URL, knowing known: KnownHashes) throws(CheckpointError) -> String {
        let file = try MappedFile(url)
        return try known.hash(of: file) { () throws(CheckpointError) in
            let digest = Digest()
            for start in stride(from: 0, to: file.count, by: block) {
                try file.check()
                file.withBytes(start..<min(start + block, file.count)) { digest.update($0) }
            }
            return digest.hexadecimal()
        }
    }

    /// The hashes of files that belong together by `groups`, in the time that the largest takes.
    public static func ofFiles(_ urls: [URL]) throws(CheckpointError) -> [String] {
        guard urls.count > 1 else {
            return try urls.map { (url) throws(CheckpointError) in try ofFile(url) }
        }
        let known = KnownHashes()
        let files = try urls.map { (url) throws(CheckpointError) in try MappedFile(url) }
        let stamps = files.map { try? $0.stamp() }
        var checked = files.map { _ in 0 }
        let hashes = try SHA256Lanes.hashes(ofMessages: files.map(\.count)) {
            (file, part, take) throws(CheckpointError) in
            if part.upperBound > checked[file] {
                try files[file].check()
                checked[file] = part.upperBound + block
            }
            files[file].withBytes(part, take)
        }.map(hexadecimal)
        for (index, stamp) in stamps.enumerated() {
            if let stamp { known.remember(hashes[index], of: files[index], since: stamp) }
        }
        return hashes
    }

    /// Which files `ofFiles` takes at once, by their places: on some processors files of about the same
    /// size, the larger ones first, else each by itself, as one whose hash is known.
    public static func groups(of urls: [URL]) throws(CheckpointError) -> [[Int]] {
        guard SHA256Lanes.areFast else { return urls.indices.map { [$0] } }
        let known = KnownHashes()
        let files = try urls.map { (url) throws(CheckpointError) in try MappedFile(url) }
        let sizes = files.map(\.count)
        let isKnown = files.map { known.hash(of: $0) != nil }
        var groups: [[Int]] = []
        for file in urls.indices.sorted(by: { (-sizes[$0], $0) < (-sizes[$1], $1) })
        where !isKnown[file] {
            // A lane that has ended idles until the last one has.
            if let group = groups.last, group.count < SHA256Lanes.count,
                2 * sizes[file] >= sizes[group[0]]
            {
                groups[groups.count - 1].append(file)
            } else {
                groups.append([file])
            }
        }
        // Two at once take longer than one after the other.
        return groups.flatMap { $0.count > 2 ? [$0] : $0.map { [$0] } }
            + urls.indices.filter { isKnown[$0] }.map { [$0] }
    }

    /// The hash of data in memory.
    public static func of(_ data: Data) -> String {
        let digest = Digest()
        // Bytes have no alignment and no invalid patterns.
        unsafe digest.update(data.span.bytes)
        return digest.hexadecimal()
    }
}

/// A running SHA-256.
@safe private final class Digest {
    private let context: OpaquePointer?

    init() {
        // OpenSSL fails here only without memory or without SHA-256.
        unsafe context = EVP_MD_CTX_new()
        let status = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
        precondition(status == 1, "OpenSSL has SHA-256")
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    func update(_ bytes: RawSpan) {
        // The span is alive during the call.
        unsafe bytes.withUnsafeBytes { buffer in
            _ = unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        }
    }

    /// The hash of everything so far, after which nothing more may follow.
    func hexadecimal() -> String {
        var hash = [UInt8](repeating: 0, count: 32)
        // SHA-256 fills exactly 32 bytes.
        unsafe EVP_DigestFinal_ex(context, &hash, nil)
        return Checkpoints.hexadecimal(hash)
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
