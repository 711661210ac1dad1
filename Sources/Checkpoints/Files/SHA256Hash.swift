internal import COpenSSL
public import FoundationEssentials

/// The SHA-256 of files and data, in hexadecimal.
public enum SHA256Hash {
    /// The hash of a file, of which little is in memory at a time.
    public static func ofFile(_ url: URL) throws(CheckpointError) -> String {
        let file = try MappedFile(url)
        let digest = Digest()
        let block = 1 << 24
        for start in stride(from: 0, to: file.count, by: block) {
            try file.check()
            file.withBytes(start..<min(start + block, file.count)) { digest.update($0) }
        }
        return digest.hexadecimal()
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
        let digits = Array("0123456789abcdef")
        return String(hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
