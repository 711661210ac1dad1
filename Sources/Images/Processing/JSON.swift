internal import Foundation

/// A value of a `preprocessor_config.json`.
enum JSON: Equatable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case list([JSON])
    case object([String: JSON])

    /// The value that a file holds.
    init(parsing data: Data) throws(ProcessorError) {
        do { self = try JSONDecoder().decode(JSON.self, from: data) } catch {
            throw .notAnObject(reason: "it does not parse")
        }
    }
}

extension JSON: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }
}

extension JSON: CustomStringConvertible {
    /// What an error message says was found.
    var description: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
        case .string(let value): "\"\(value.prefix(40))\""
        case .list(let elements): "a list of \(elements.count)"
        case .object(let members): "an object with \(members.keys.sorted().prefix(8))"
        }
    }
}
