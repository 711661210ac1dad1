/// The implementations of one kind of component by the `type` that `tokenizer.json` calls them.
struct ComponentTable<Component>: ExpressibleByDictionaryLiteral, Sendable {
    typealias Initializer = @Sendable (Configuration) throws -> Component

    private let initializers: [String: Initializer]

    init(dictionaryLiteral elements: (String, Initializer)...) {
        initializers = Dictionary(uniqueKeysWithValues: elements)
    }

    /// The names of the types, sorted.
    var types: [String] {
        initializers.keys.sorted()
    }

    /// The component that a part of the file describes.
    func component(_ configuration: Configuration) throws -> Component {
        let type = try configuration.string("type")
        guard let initializer = initializers[type] else {
            throw TokenizerError.unknownType(
                file: configuration.file,
                key: configuration.path,
                type: type,
                known: types
            )
        }
        return try initializer(configuration)
    }
}
