public import Foundation

/// Why a `config.json` cannot be used.
public enum ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The file is not a JSON object.
    case unreadable(String)
    /// A value has the wrong type.
    case wrongType(key: String, reason: String)
    /// A value is outside what the architecture allows.
    case outOfRange(key: String, found: String, expected: String)
    /// The architecture is not known.
    case unknownArchitecture(found: String, known: [String])

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .unreadable(let reason):
            "config.json is not a JSON object (\(reason)); copy it again from the model's page."
        case .wrongType(let key, let reason):
            "config.json: \(key) cannot be read: \(reason)."
        case .outOfRange(let key, let found, let expected):
            "config.json: \(key) is \(found), but must be \(expected)."
        case .unknownArchitecture(let found, let known):
            "config.json names the architecture \(found), which Merganser cannot run; it knows "
                + known.joined(separator: ", ")
                + ". Methods that need no data merge models of any architecture."
        }
    }
}

/// The keys of a `config.json` that a model reads, laid over the class's own defaults.
///
/// A configuration is a plain `Codable` structure whose properties are the keys in camel case and
/// whose initial values are the defaults of the Hugging Face class; nothing else is written down.
public protocol ModelConfiguration: Codable, Sendable {
    /// The defaults of the class.
    init()
    /// Throws where the values contradict each other or the architecture.
    func validate() throws
    /// The key under which the file of a larger model holds these keys; empty where none does.
    static var section: String { get }
    /// The keys whose values are configurations of parts of the model.
    static var parts: Set<String> { get }
}

extension ModelConfiguration {
    /// Most models are no part of others.
    public static var section: String { "" }
    /// Most models have no parts with configurations.
    public static var parts: Set<String> { [] }

    /// Reads a `config.json`.
    public init(json: Data) throws {
        let (encoder, decoder) = (JSONEncoder(), JSONDecoder())
        encoder.keyEncodingStrategy = .convertToSnakeCase
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let file = try Self.object(json)
        var merged = try Self.object(encoder.encode(Self()))
        Self.lay(file, over: &merged)
        // A part is described by its own keys first, then by those around them.
        if let section = file[Self.section] as? [String: Any] { Self.lay(section, over: &merged) }
        do {
            self = try decoder.decode(
                Self.self,
                from: JSONSerialization.data(withJSONObject: merged)
            )
        } catch DecodingError.typeMismatch(_, let context) {
            throw Self.wrongType(context)
        } catch DecodingError.dataCorrupted(let context) {
            throw Self.wrongType(context)
        } catch DecodingError.valueNotFound(_, let context) {
            throw Self.wrongType(context)
        }
        try validate()
    }

    private static func lay(_ keys: [String: Any], over defaults: inout [String: Any]) {
        for (key, value) in keys where !(value is NSNull) {
            guard let known = defaults[key] else { continue }
            if parts.contains(key), var part = known as? [String: Any],
                let keys = value as? [String: Any]
            {
                lay(keys, over: &part)
                defaults[key] = part
            } else {
                defaults[key] = value
            }
        }
    }

    private static func wrongType(_ context: DecodingError.Context) -> ConfigurationError {
        let key = context.codingPath.map(\.stringValue).joined(separator: ".")
        return .wrongType(key: key, reason: context.debugDescription)
    }

    private static func object(_ data: Data) throws -> [String: Any] {
        let parsed: Any
        do { parsed = try JSONSerialization.jsonObject(with: data) } catch {
            throw ConfigurationError.unreadable("it does not parse")
        }
        guard let object = parsed as? [String: Any] else {
            throw ConfigurationError.unreadable("it holds something else")
        }
        return object
    }
}
