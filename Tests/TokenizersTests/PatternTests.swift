import Foundation
import Testing

@testable import Tokenizers

/// Regular expressions against those of the reference.
struct PatternTests {
    private struct Reference: Decodable {
        let classes: [String: [[UInt32]]]
        let splits: [Case]

        struct Case: Decodable {
            let pattern: String
            let text: String
            let behavior: String
            let invert: Bool
            let parts: [String]
            let replaced: String
        }

        static func load() throws -> Reference {
            let file = FixtureTests.directory.appending(path: "patterns.json")
            return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
        }
    }

    /// With the library's own classes and, as for one newer than the reference, without them.
    @Test(arguments: [nil, 99])
    func `every class holds the scalars of the reference`(version: Int?) throws {
        let scalars = (0..<UInt32(0x110000)).compactMap(Unicode.Scalar.init)
        let text = Array(String(scalars).utf8)
        let classes = try Reference.load().classes
        #expect(classes.count == 19)
        for (pattern, expected) in classes {
            let library = version.map { ($0, 0) } ?? CompiledPattern.unicodeVersion
            let translation = try PatternTranslator.translation(
                of: "(?:\(pattern))+",
                libraryVersion: library
            )
            let search = PatternSearch(try CompiledPattern(translation))
            var found: [[UInt32]] = []
            var position = 0
            while let match = try search.firstMatch(in: text.span, from: position) {
                let part = String(decoding: text[match], as: UTF8.self).unicodeScalars
                found.append([try #require(part.first).value, try #require(part.last).value])
                position = match.upperBound
            }
            // No text holds surrogates, so that what lies around them is one run.
            #expect(found == expected, "\(pattern)")
        }
    }

    @Test func `texts are split and matches replaced as by the reference`() throws {
        let cases = try Reference.load().splits
        #expect(cases.count > 250)
        for reference in cases {
            let pattern = try RegularExpression(reference.pattern)
            let split = Split(
                pattern: pattern,
                behavior: try #require(SplitBehavior(rawValue: reference.behavior)),
                isInverted: reference.invert
            )
            let text: [Piece] = reference.text.isEmpty ? [] : [.text(reference.text[...])]
            let parts = try split.split(text).map(\.description)
            let replaced = try Replace(pattern: pattern, content: "<$0>")
                .normalize(reference.text)
            let name: Comment = "\(reference.pattern) in \(reference.text.debugDescription)"
            #expect(parts.elementsEqual(reference.parts) { $0.isIdentical(to: $1) }, name)
            #expect(replaced.isIdentical(to: reference.replaced), name)
        }
    }

    @Test(
        arguments: [
            ("a(b", "an unpaired parenthesis", 1), ("ab)", "an unpaired parenthesis", 2),
            ("[a", "a class without an end", 0), ("a[]b]", "a class that begins with its end", 1),
            ("[a[b]]", "a class in a class", 2), ("[a-c&&b]", "&& in a class", 4),
            ("[a-c-e]", "a hyphen that is neither a range nor escaped", 4),
            ("[\\w-a]", "a range from a class", 3), ("a**", "a repetition of a repetition", 2),
            ("*a", "* with nothing before it to repeat", 0),
            ("(?!a)*", "a repeated assertion", 5), ("a\\", "a backslash at the end", 1),
            ("a{x", "a brace that is neither escaped nor part of {1,2}", 1),
            ("a{3,2}", "an interval out of 0 to 65535 or out of order", 1),
            ("a{99999999999999999999}", "an interval out of 0 to 65535 or out of order", 1),
            ("\\h", "\\h", 0), ("(a)\\1", "\\1", 3), ("\\bfoo", "\\b", 0), ("\\K", "\\K", 0),
            ("(?R)", "a group that is none of ( (?: (?i: (?> (?= (?! (?<= (?<!", 1),
            ("(?C1)", "a group that is none of ( (?: (?i: (?> (?= (?! (?<= (?<!", 1),
            ("(*LIMIT_MATCH=9)", "* with nothing before it to repeat", 1),
            ("\\p{Han}", "\"Han\" in place of a category such as L or Nd", 0),
            ("\\pL", "a property without braces", 0), ("\\xe9", "\\x that is no character", 0),
            ("\\x{d800}", "\\x that is no character", 0),
            ("(?i:é)", "a letter beyond ASCII in (?i:", 4),
            ("(?i:a(?:ss))", "ss in (?i:, which can be one character", 9),
            ("(?i:\\p{L})", "a class in (?i:", 4),
            ("(?<=a+)b", "length of lookbehind assertion is not limited", 0),
            (String(repeating: "(", count: 1000), "too many groups in each other", 64),
        ]
    )
    func `what cannot mean the same is refused`(
        pattern: String,
        reason: String,
        character: Int
    ) throws {
        let error = #expect(throws: TokenizerError.self) { try RegularExpression(pattern) }
        guard case .unsupportedPattern(_, _, let place, let words) = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(place == character)
        // The library words its own refusals differently from version to version.
        #expect(words == reason || reason.contains("lookbehind") && words.contains("lookbehind"))
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [("(?:a+)+$", "match limit exceeded"), ("(?:a|b)*?c|(?:a*)*b", "match limit")]
    )
    func `a pattern that never ends is given up`(pattern: String, reason: String) throws {
        let text = String(repeating: "a", count: 5000) + "!"
        let error = #expect(throws: TokenizerError.self) {
            try RegularExpression(pattern).stretches(of: text[...])
        }
        #expect("\(try #require(error))".contains("in a text of 5001 bytes (\(reason)"))
    }
}
