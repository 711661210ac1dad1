import Foundation
import Testing

@testable import Tokenizers

/// Every scalar there is, against what the reference makes of it.
struct UnicodeTests {
    private struct Reference: Decodable {
        let classes: [String: [[UInt32]]]
        let mappings: [String: [String: String]]
        let sequences: [[String: String]]

        static func load() throws -> Reference {
            let file = FixtureTests.directory.appending(path: "unicode.json")
            return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
        }
    }

    private static let classes: [(String, ScalarTraits.Classes)] = [
        ("other", .other), ("punctuation", .punctuation), ("nonspacingMark", .nonspacingMark),
        ("mark", .mark), ("word", .word), ("whitespace", .whitespace),
    ]

    private static let mappings: [String: any Normalizer] = [
        "nfc": NormalizationForm.nfc,
        "nfd": NormalizationForm.nfd,
        "nfkc": NormalizationForm.nfkc,
        "nfkd": NormalizationForm.nfkd,
        "lowercase": Lowercase(),
        "stripAccents": StripAccents(),
    ]

    @Test func `every scalar belongs to the classes of the reference`() throws {
        let reference = try Reference.load().classes
        var differing: [String] = []
        var expected = [(chinese: Bool, classes: ScalarTraits.Classes)](
            repeating: (false, []),
            count: 0x110000
        )
        for range in try #require(reference["chinese"]) {
            for value in range[0]...range[1] { expected[Int(value)].chinese = true }
        }
        for (name, classes) in Self.classes {
            for range in try #require(reference[name]) {
                for value in range[0]...range[1] { expected[Int(value)].classes.insert(classes) }
            }
        }
        // BERT's cleaning keeps three control characters and drops the replacement character.
        for value in [0x9, 0xA, 0xD] { expected[value].classes.insert(.other) }
        expected[0xFFFD].classes.remove(.other)
        for scalar in (0..<UInt32(0x110000)).compactMap(Unicode.Scalar.init) {
            let (chinese, classes) = expected[Int(scalar.value)]
            if scalar.traits.classes != classes || scalar.isChinese != chinese {
                differing.append(String(scalar.value, radix: 16))
            }
        }
        #expect(differing == [])
    }

    @Test(arguments: mappings.keys.sorted())
    func `every scalar becomes what the reference makes of it`(name: String) throws {
        let normalizer = try #require(Self.mappings[name])
        let expected = try #require(try Reference.load().mappings[name])
        for block in stride(from: UInt32(0), to: 0x110000, by: 0x1000) {
            let key = String(block, radix: 16)
            let digest = try digest(of: normalizer, block: block)
            #expect(digest == expected[key], "block \(key)")
        }
    }

    /// FNV-1a over the scalars that change, each followed by what it becomes and a separator.
    private func digest(of normalizer: any Normalizer, block: UInt32) throws -> String? {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var changes = false
        // In one text, for speed: nothing is ordered or composed across a line feed.
        let scalars = (block..<block + 0x1000).compactMap(Unicode.Scalar.init).filter { $0 != "\n" }
        let text = scalars.map { String(Character($0)) }.joined(separator: "\n")
        let results = try normalizer.normalize(text).unicodeScalars
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard !scalars.isEmpty else { return nil }
        for (scalar, result) in zip(scalars, results) where !result.elementsEqual([scalar]) {
            changes = true
            for value in [scalar.value] + result.map(\.value) + [0x110000] {
                hash = (hash ^ UInt64(value)) &* 0x100_0000_01B3
            }
        }
        let digits = String(hash, radix: 16)
        return changes ? String(repeating: "0", count: 16 - digits.count) + digits : nil
    }

    @Test func `marks are ordered and composed as by the reference`() throws {
        for sequence in try Reference.load().sequences {
            let text = try #require(sequence["text"])
            for (name, normalizer) in Self.mappings {
                let result = try normalizer.normalize(text)
                #expect(
                    try result.isIdentical(to: #require(sequence[name])),
                    "\(name) of \(text.debugDescription)"
                )
            }
        }
    }

    @Test func `normalizing twice is normalizing once`() throws {
        for sequence in try Reference.load().sequences {
            let text = try #require(sequence["text"])
            for form in [NormalizationForm.nfc, .nfd, .nfkc, .nfkd] {
                let once = form.normalize(text)
                #expect(form.normalize(once).isIdentical(to: once))
            }
        }
    }

    @Test func `a long run of marks is ordered in reasonable time`() {
        let marks = String(repeating: "\u{301}\u{323}", count: 100_000)
        let result = NormalizationForm.nfd.normalize("a" + marks).unicodeScalars
        #expect(result.count == 200_001)
        #expect(result.dropFirst().prefix(100_000).allSatisfy { $0 == "\u{323}" })
    }
}
