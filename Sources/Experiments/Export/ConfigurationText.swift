internal import FoundationEssentials

/// The text of a `config.json`, in which single values are replaced and all else stays as it was.
struct ConfigurationText {
    private(set) var bytes: [UInt8]

    /// A configuration that is known to be a JSON object, or `nil` if it is none.
    init?(_ data: Data) {
        struct Anything: Decodable { init(from decoder: any Decoder) {} }
        guard String(validating: data, as: UTF8.self) != nil,
            (try? JSONDecoder().decode([String: Anything].self, from: data)) != nil
        else { return nil }
        bytes = Array(data)
    }

    /// Replaces a text under a key of the outermost object, if there is one.
    mutating func replace(_ key: String, with text: String) {
        guard let range = textRange(of: key) else { return }
        bytes.replaceSubrange(range, with: Array(text.utf8))
    }

    /// What stands between the quotation marks of a key's text.
    ///
    /// The bytes are known to be JSON, so following strings and brackets is enough.
    private func textRange(of key: String) -> Range<Int>? {
        let name = Array(key.utf8)
        var depth = 0
        var position = 0
        var matches = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                matches = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ","): matches = false
            case UInt8(ascii: "\""):
                let start = position + 1
                position = endOfString(from: start)
                if matches { return start..<position }
                // At this depth, a string that a comma does not follow is the key of what follows.
                matches = depth == 1 && bytes[start..<position].elementsEqual(name)
            default: break
            }
            position += 1
        }
        return nil
    }

    /// The position of the quotation mark that ends a string.
    private func endOfString(from start: Int) -> Int {
        var position = start
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(position, bytes.count)
    }
}

extension ConfigurationText {
    /// A configuration that names the format that the weights are stored in; without one, it is left
    /// as it is.
    static func naming(
        _ type: ElementType?,
        in data: Data?,
        of directory: URL
    ) throws -> Data? {
        guard let data, let type else { return data }
        guard var text = ConfigurationText(data) else {
            throw ExportError.configuration(file: directory.appending(path: "config.json").path)
        }
        // Newer versions of transformers say `dtype`, older ones `torch_dtype`.
        for key in ["torch_dtype", "dtype"] { text.replace(key, with: type.rawValue) }
        return Data(text.bytes)
    }
}
