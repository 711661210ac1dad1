internal import CPCRE2

// Calls of PCRE2, a C library, and the pointers that they take; nothing else here is unsafe.

/// A pattern in PCRE2's syntax, ready to be searched for by any number of threads.
@safe
final class CompiledPattern: Sendable {
    // Nothing writes to compiled code, and it lives as long as its owner.
    fileprivate nonisolated(unsafe) let code: OpaquePointer

    /// The version of Unicode that the library was built with.
    static let unicodeVersion: Unicode.Version = {
        let length = Int(pcre2_config_8(UInt32(PCRE2_CONFIG_UNICODE_VERSION), nil))
        var name = [UInt8](repeating: 0, count: max(length, 1))
        _ = unsafe pcre2_config_8(UInt32(PCRE2_CONFIG_UNICODE_VERSION), &name)
        let parts = name.prefix { $0 != 0 }.split(separator: UInt8(ascii: "."))
            .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        return (parts.first ?? 0, parts.dropFirst().first ?? 0)
    }()

    /// Compiles a pattern.
    ///
    /// - Throws: ``PatternTranslator/Refusal`` with what the library says.
    init(_ pattern: String) throws {
        var (status, offset): (Int32, Int) = (0, 0)
        let bytes = Array(pattern.utf8)
        // The library keeps no reference to the bytes.
        guard
            let code = unsafe pcre2_compile_8(
                bytes,
                bytes.count,
                UInt32(PCRE2_UTF),
                &status,
                &offset,
                nil
            )
        else {
            throw PatternTranslator.Refusal(position: 0, reason: Self.message(of: status))
        }
        unsafe self.code = code
    }

    deinit { unsafe pcre2_code_free_8(code) }

    /// What the library says of a status.
    fileprivate static func message(of status: Int32) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        // Never more bytes than the buffer has, the terminating zero among them.
        _ = unsafe pcre2_get_error_message_8(status, &text, text.count)
        return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// A search for a pattern, with the memory that one thread needs for it.
@safe
final class PatternSearch {
    /// Why a search ended without a result.
    struct Failure: Error {
        let reason: String
    }

    private let pattern: CompiledPattern
    // Made with the search, freed with it and never handed out; `nil` where there is no memory.
    private let data: OpaquePointer?
    private let limits: OpaquePointer?

    /// What a search may hold in memory, in KiB.
    private static let heapLimit: UInt32 = 256 << 10

    init(_ pattern: CompiledPattern) {
        self.pattern = pattern
        unsafe data = pcre2_match_data_create_8(1, nil)
        unsafe limits = pcre2_match_context_create_8(nil)
        if let limits = unsafe limits { _ = unsafe pcre2_set_heap_limit_8(limits, Self.heapLimit) }
    }

    deinit {
        unsafe pcre2_match_data_free_8(data)
        unsafe pcre2_match_context_free_8(limits)
    }

    /// The leftmost match from a position on, in bytes.
    ///
    /// At every place the library may take a number of steps in proportion to the text, which is
    /// many times what the patterns of tokenizers take.
    ///
    /// - Parameters:
    ///   - text: valid UTF-8; the library does not check it.
    ///   - position: where the search begins, at a scalar or at the end of the text.
    /// - Returns: the bounds of the match, or `nil` where there is none.
    /// - Throws: what the library says where it gives up.
    func firstMatch(
        in text: borrowing Span<UInt8>,
        from position: Int
    ) throws(Failure) -> Range<Int>? {
        guard let data = unsafe data, let limits = unsafe limits else {
            throw Failure(reason: "there is no memory for it")
        }
        let steps = UInt32(clamping: 100_000 + 32 * text.count)
        _ = unsafe pcre2_set_match_limit_8(limits, steps)
        // The text is valid UTF-8 and the position at one of its scalars or at its end.
        let status = unsafe text.withUnsafeBufferPointer { bytes in
            unsafe pcre2_match_8(
                pattern.code,
                bytes.baseAddress,
                bytes.count,
                position,
                UInt32(PCRE2_NO_UTF_CHECK),
                data,
                limits
            )
        }
        if status == PCRE2_ERROR_NOMATCH { return nil }
        guard status >= 0, let bounds = unsafe pcre2_get_ovector_pointer_8(data) else {
            throw Failure(reason: CompiledPattern.message(of: status))
        }
        // The first two numbers are the bounds of a match; without \K, which no translation has,
        // they ascend.
        return unsafe bounds[0]..<bounds[1]
    }
}
