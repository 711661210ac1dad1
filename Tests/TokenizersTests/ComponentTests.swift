import Foundation
import TestSupport
import Testing

@testable import Tokenizers

struct ComponentTests {
    @Test(
        arguments: [
            ("Removed", ["a", "b", "c"]), ("Isolated", ["a", "-", "-", "b", ",", "c", "."]),
            ("MergedWithPrevious", ["a-", "-", "b,", "c."]),
            ("MergedWithNext", ["a", "-", "-b", ",c", "."]),
            ("Contiguous", ["a", "--", "b", ",", "c", "."]),
        ]
    )
    func `punctuation is split off as its behavior says`(name: String, parts: [String]) throws {
        let json = Data(#"{"type": "Punctuation", "behavior": "\#(name)"}"#.utf8)
        let configuration = Configuration(file: "f", value: try JSONParser.parse(json, file: "f"))
        let pieces = try PreTokenizers.all.component(configuration).split([.text("a--b,c.")])
        #expect(pieces.map(\.description) == parts)
    }

    @Test(arguments: [(BertPreTokenizer() as any PreTokenizer), WhitespaceSplit(), Whitespace()])
    func `tokens that were recognised are not split`(preTokenizer: any PreTokenizer) throws {
        let pieces = try preTokenizer.split([.text(" a b "), .token(7), .text("  ")])
        #expect(pieces.map(\.description) == ["a", "b", "7"])
    }

    /// A component's file is of no use unless its type stands in a table.
    @Test(
        arguments: [
            ("Normalizer", Normalizers.all.types), ("PreTokenizer", PreTokenizers.all.types),
            ("Model", Models.all.types), ("PostProcessor", PostProcessors.all.types),
        ]
    )
    func `every component stands in the table of its kind`(
        kind: String,
        types: [String]
    ) throws {
        let folder = Golden.repository.appending(path: "Sources/Tokenizers/\(kind)s")
        let files = try FileManager.default.contentsOfDirectory(
            at: folder,
            includingPropertiesForKeys: nil
        )
        let declaration = try Regex(
            "(?:struct|extension) (\\w+): \(kind) ",
            as: (Substring, Substring).self
        )
        let names = try files.flatMap { file in
            try String(contentsOf: file, encoding: .utf8).matches(of: declaration).map(\.1)
        }
        let forms = ["NFC", "NFD", "NFKC", "NFKD"]
        let expected = names.flatMap { name in
            switch name {
            case "NormalizationForm": forms
            case "NormalizerSequence", "PreTokenizerSequence", "PostProcessorSequence":
                ["Sequence"]
            case "ByteLevelProcessing": ["ByteLevel"]
            default: [String(name)]
            }
        }
        #expect(expected.sorted() == types)
    }
}

extension Piece {
    var description: String {
        switch self {
        case .text(let text): String(text)
        case .token(let id): "\(id)"
        }
    }
}
