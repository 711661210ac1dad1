internal import Foundation

/// The keys of a `preprocessor_config.json`, each checked where it is read.
///
/// A key that is absent or null is `nil`: the processor's class has a value for it.
struct ProcessorConfiguration {
    private let members: [String: JSON]

    init(_ data: Data) throws(ProcessorError) {
        guard case .object(let members) = try JSON(parsing: data) else {
            throw .notAnObject(reason: "it holds something else")
        }
        self.members = members
    }

    private subscript(key: String) -> JSON? {
        members[key].flatMap { $0 == .null ? nil : $0 }
    }

    func string(_ key: String) throws(ProcessorError) -> String? {
        guard let value = self[key] else { return nil }
        guard case .string(let string) = value else {
            throw .unexpected(key: key, expected: "a string", found: value.description)
        }
        return string
    }

    func boolean(_ key: String) throws(ProcessorError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard case .boolean(let boolean) = value else {
            throw .unexpected(key: key, expected: "true or false", found: value.description)
        }
        return boolean
    }

    /// A number that float32 holds.
    func number(_ key: String) throws(ProcessorError) -> Double? {
        guard let value = self[key] else { return nil }
        guard case .number(let number) = value, Float(number).isFinite else {
            throw .unexpected(key: key, expected: "a number", found: value.description)
        }
        return number
    }

    /// A number for each of the three channels, or one for all of them.
    func channels(_ key: String) throws(ProcessorError) -> [Double]? {
        guard let value = self[key] else { return nil }
        let elements = if case .list(let list) = value { list } else { [value, value, value] }
        let numbers = elements.compactMap { element in
            if case .number(let number) = element, Float(number).isFinite { number } else { nil }
        }
        guard numbers.count == 3, elements.count == 3 else {
            throw .unexpected(key: key, expected: "a list of 3 numbers", found: value.description)
        }
        return numbers
    }

    func filter(_ key: String) throws(ProcessorError) -> ResamplingFilter? {
        guard let value = self[key] else { return nil }
        guard case .number(let number) = value,
            let filter = Int(exactly: number).flatMap(ResamplingFilter.init(rawValue:))
        else {
            let known = ResamplingFilter.allCases.map { "\($0.rawValue) (\($0))" }
            throw .unexpected(
                key: key,
                expected: "one of Pillow's filters \(known.joined(separator: ", "))",
                found: value.description
            )
        }
        return filter
    }
}

extension ProcessorConfiguration {
    /// A size in any of the forms that files have had: an integer, `[height, width]`, or an object
    /// of `height` and `width`, or of `shortest_edge`.
    func size(
        _ key: String,
        integerIsShortestEdge: Bool
    ) throws(ProcessorError) -> TargetSize? {
        switch self[key] {
        case nil: return nil
        case let value? where edge(value) != nil:
            let edge = edge(value) ?? 0
            return integerIsShortestEdge ? .shortestEdge(edge) : .exactly(height: edge, width: edge)
        case .list(let elements):
            if elements.count == 2, let height = edge(elements[0]), let width = edge(elements[1]) {
                return .exactly(height: height, width: width)
            }
        case .object(let members):
            if members.count == 1, let edge = edge(members["shortest_edge"]) {
                return .shortestEdge(edge)
            }
            if members.count == 2, let height = edge(members["height"]),
                let width = edge(members["width"])
            {
                return .exactly(height: height, width: width)
            }
        case _?: break
        }
        throw .unexpected(
            key: key,
            expected: "an integer, or an object of \"height\" and \"width\" or of "
                + "\"shortest_edge\", each from 1 to \(Self.longestEdge)",
            found: self[key].map { "\($0.detailed)" } ?? "nothing"
        )
    }

    /// Longer edges are a mistake: models read pictures of a few hundred pixels.
    private static let longestEdge = 8192

    private func edge(_ value: JSON?) -> Int? {
        guard case .number(let number) = value, let edge = Int(exactly: number),
            (1...Self.longestEdge).contains(edge)
        else { return nil }
        return edge
    }
}

extension JSON {
    /// What an error message says was found, with the members of an object.
    fileprivate var detailed: String {
        guard case .object(let members) = self else { return description }
        let listed = members.sorted { $0.key < $1.key }.prefix(4).map { member in
            "\"\(member.key.prefix(40))\": \(member.value)"
        }
        return "{\(listed.joined(separator: ", "))}"
    }
}
