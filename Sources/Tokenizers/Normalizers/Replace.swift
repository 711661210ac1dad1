/// Puts a text in place of every match of a pattern.
struct Replace: Normalizer {
    private let pattern: RegularExpression
    private let content: String

    init(_ configuration: Configuration) throws {
        self.init(
            pattern: try RegularExpression(
                try configuration.required("pattern", expected: "a String or a Regex")
            ),
            content: try configuration.string("content")
        )
    }

    init(pattern: RegularExpression, content: String) {
        self.pattern = pattern
        self.content = content
    }

    func normalize(_ text: String) throws -> String {
        let stretches = try pattern.stretches(of: text[...])
        guard stretches.contains(where: \.isDelimiter) else { return text }
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for stretch in stretches {
            if stretch.isDelimiter {
                result += content
            } else {
                result += Substring(text.unicodeScalars[stretch.range])
            }
        }
        return result
    }
}
