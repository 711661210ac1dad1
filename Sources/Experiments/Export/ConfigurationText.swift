internal import FoundationEssentials

/// The text of a `config.json`, in which single values are replaced and all else stays as it was.
///
/// The bytes are known to be JSON, so following strings and brackets is enough to find a value.
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
        guard let value = range(of: [key]), bytes[value.lowerBound] == UInt8(ascii: "\"") else {
            return
        }
        bytes.replaceSubrange(value.dropFirst().dropLast(), with: Array(text.utf8))
    }

    /// Replaces the value under keys, each of which is of an object within the one before.
    mutating func replace(_ path: [String], with value: [UInt8]) {
        guard let range = range(of: path) else { return }
        bytes.replaceSubrange(range, with: value)
    }

    /// The value under keys, as it is written.
    func value(_ path: [String]) -> [UInt8]? { range(of: path).map { Array(bytes[$0]) } }

    /// The elements of the list under keys, as they are written; `nil` where there is no list.
    func elements(_ path: [String]) -> [[UInt8]]? {
        guard let range = range(of: path), bytes[range.lowerBound] == UInt8(ascii: "[") else {
            return nil
        }
        return parts(of: range).map { Array(bytes[$0]) }
    }
}

// MARK: Finding values

extension ConfigurationText {
    private func range(of path: [String]) -> Range<Int>? {
        path.reduce(trimmed(bytes.indices)) { range, key in
            range.flatMap { member(key, of: $0) }
        }
    }

    private func member(_ key: String, of object: Range<Int>) -> Range<Int>? {
        guard bytes[object.lowerBound] == UInt8(ascii: "{") else { return nil }
        let name = Array(key.utf8)
        for part in parts(of: object) {
            let end = endOfString(from: part.lowerBound + 1)
            guard bytes[part.lowerBound + 1..<end].elementsEqual(name),
                let colon = bytes[end..<part.upperBound].firstIndex(of: UInt8(ascii: ":"))
            else { continue }
            return trimmed(colon + 1..<part.upperBound)
        }
        return nil
    }

    /// What stands between the commas of an object or a list.
    private func parts(of value: Range<Int>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var (start, position, depth) = (value.lowerBound + 1, value.lowerBound + 1, 0)
        let end = value.upperBound - 1
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""): position = endOfString(from: position + 1)
            case UInt8(ascii: ",") where depth == 0:
                parts += [trimmed(start..<position)].compactMap(\.self)
                start = position + 1
            default: break
            }
            position += 1
        }
        return parts + [trimmed(min(start, end)..<end)].compactMap(\.self)
    }

    /// A range without white space at its ends; `nil` if nothing is left.
    private func trimmed(_ range: Range<Int>) -> Range<Int>? {
        let spaces = Set(" \n\r\t".utf8)
        guard let first = bytes[range].firstIndex(where: { !spaces.contains($0) }),
            let last = bytes[range].lastIndex(where: { !spaces.contains($0) })
        else { return nil }
        return first..<last + 1
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
