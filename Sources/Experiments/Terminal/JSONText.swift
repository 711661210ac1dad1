/// Results as JSON on the standard output, written as the files of a run are.
package enum JSONText {
    /// A value as JSON that ends in a line feed.
    package static func of(_ value: some Encodable, isPretty: Bool = true) throws -> String {
        String(decoding: try RunJSON.encode(value, pretty: isPretty), as: UTF8.self) + "\n"
    }
}
