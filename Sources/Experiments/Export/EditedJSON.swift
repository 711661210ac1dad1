internal import FoundationEssentials

/// The text of a JSON object, in which single values are replaced and all else stays as it was.
struct EditedJSON {
    private(set) var bytes: [UInt8]

    /// A text that is known to be a JSON object, or `nil` if it is none.
    init?(_ data: Data) {
        struct Anything: Decodable { init(from decoder: any Decoder) {} }
        guard String(validating: data, as: UTF8.self) != nil,
            (try? JSONDecoder().decode([String: Anything].self, from: data)) != nil
        else { return nil }
        bytes = Array(data)
    }

    /// Replaces the value at a path of keys by other JSON, if it is there.
    @discardableResult
    mutating func replace(_ path: [String], with json: String) -> Bool {
        guard let range = range(of: path) else { return false }
        bytes.replaceSubrange(range, with: Array(json.utf8))
        return true
    }

    /// Replaces a text under a key of the outermost object, if there is one.
    mutating func replaceText(_ key: String, with text: String) {
        guard let range = range(of: [key]), bytes[range.lowerBound] == UInt8(ascii: "\"") else {
            return
        }
        bytes.replaceSubrange(range, with: Array(Self.text(text).utf8))
    }

    /// Gives a key of the outermost object a value, behind the others if it had none.
    mutating func set(_ key: String, to json: String) {
        if replace([key], with: json) { return }
        guard let end = bytes.lastIndex(of: UInt8(ascii: "}")),
            let last = bytes[..<end].lastIndex(where: { !Self.isSpace($0) })
        else { return }
        let separator = bytes[last] == UInt8(ascii: "{") ? "" : ","
        let member = "\(separator)\n  \(Self.text(key)): \(json)\n"
        bytes.replaceSubrange(last + 1..<end, with: Array(member.utf8))
    }

    /// The value at a path of keys, as it is written.
    func value(_ path: [String]) -> String? {
        range(of: path).map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    /// The elements of the list at a path of keys, as they are written; `nil` where there is no list.
    func elements(_ path: [String]) -> [String]? {
        guard let range = range(of: path), bytes[range.lowerBound] == UInt8(ascii: "[") else {
            return nil
        }
        var elements: [String] = []
        var position = skippingSpace(from: range.lowerBound + 1)
        while position < range.upperBound - 1 {
            let end = endOfValue(from: position)
            elements.append(String(decoding: bytes[position..<end], as: UTF8.self))
            position = skippingSpace(from: end)
            if position < bytes.count, bytes[position] == UInt8(ascii: ",") {
                position = skippingSpace(from: position + 1)
            }
        }
        return elements
    }

    /// A text as JSON, with its quotation marks.
    static func text(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        // Of a string, the encoder can say anything.
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}

// The bytes are known to be JSON, so following strings and brackets is enough.
extension EditedJSON {
    /// Where the value at a path of keys is.
    private func range(of path: [String]) -> Range<Int>? {
        var found = skippingSpace(from: 0)..<bytes.count
        for key in path {
            guard let value = member(key, ofObjectAt: found.lowerBound) else { return nil }
            found = value
        }
        return found
    }

    /// Where the value of a key is, in the object that begins at a byte.
    private func member(_ key: String, ofObjectAt start: Int) -> Range<Int>? {
        guard start < bytes.count, bytes[start] == UInt8(ascii: "{") else { return nil }
        let name = Array(Self.text(key).utf8)
        var position = skippingSpace(from: start + 1)
        while position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
            let end = endOfValue(from: position)
            let isWanted = bytes[position..<end].elementsEqual(name)
            let value = skippingSpace(from: skippingSpace(from: end) + 1)
            let next = endOfValue(from: value)
            if isWanted { return value..<next }
            position = skippingSpace(from: next)
            if position < bytes.count, bytes[position] == UInt8(ascii: ",") {
                position = skippingSpace(from: position + 1)
            }
        }
        return nil
    }

    /// The position behind a value.
    private func endOfValue(from start: Int) -> Int {
        var position = start
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position = endOfString(from: position + 1)
                if depth == 0 { return min(position + 1, bytes.count) }
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return position }
                depth -= 1
                if depth == 0 { return position + 1 }
            case UInt8(ascii: ",") where depth == 0: return position
            case let byte where depth == 0 && Self.isSpace(byte): return position
            default: break
            }
            position += 1
        }
        return bytes.count
    }

    /// The position of the quotation mark that ends a string.
    private func endOfString(from start: Int) -> Int {
        var position = start
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(position, bytes.count)
    }

    private func skippingSpace(from start: Int) -> Int {
        var position = start
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
        return position
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        [0x20, 0x09, 0x0a, 0x0d].contains(byte)
    }
}
