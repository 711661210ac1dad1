import Foundation
import Testing

@testable import Experiments

@Suite struct `Hostile recipes` {
    private func problem(_ text: String) -> String {
        do {
            let document = try RecipeDocument(text)
            _ = try Recipe(document, methods: testMethods)
            return ""
        } catch { return String(describing: error) }
    }

    @Test func `aliases of aliases do not expand without bound`() {
        let bomb = (1...40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }
        let text = (["a0: &a0 [x, x]"] + bomb).joined(separator: "\n")
        #expect(problem(text).hasSuffix("holds more than 100000 values, aliases expanded."))
    }

    @Test func `aliases of aliases as keys are refused before they are compared`() {
        let bomb = (1...40).map { "- &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }
        for key in ["- ? *a40\n  : 1", "- {*a40 : 1}", "- {[*a40]: 1}", "- { [*a40] }"] {
            let text = (["- &a0 [x, x]"] + bomb + [key]).joined(separator: "\n")
            #expect(!problem(text).isEmpty)
        }
    }

    @Test func `merges of merges do not expand without bound`() {
        let keys = (0..<1000).map { "k\($0): 1" }.joined(separator: ", ")
        let merges = (0..<200).map { "m\($0): {<<: *a}" }.joined(separator: "\n")
        #expect(problem("a: &a {\(keys)}\n\(merges)").contains("holds more than 100000 values"))
    }

    private static let nested: [String] = {
        let indented = (0..<5000).map { String(repeating: " ", count: $0 % 2000) + "a:" }
        let chain = (1..<150).map { "a\($0): &a\($0) [*a\($0 - 1)]" }
        let brackets = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        let braces = String(repeating: "}", count: 150)
        return [
            indented.joined(separator: "\n"),
            (["a0: &a0 [1]"] + chain).joined(separator: "\n"),
            brackets,
            String(repeating: "{a: ", count: 150) + "1" + braces,
        ]
            + ["[", "{a: ", "- ", "? "].map { String(repeating: $0, count: 200_000) }
    }()

    @Test(arguments: nested.indices)
    func `deep nesting is refused`(case index: Int) {
        let problem = problem(Self.nested[index])
        #expect(!problem.isEmpty)
    }

    @Test func `a huge recipe is refused unread`() {
        let text = "a: " + String(repeating: "x", count: RecipeDocument.longest)
        let limit = RecipeDocument.longest
        #expect(
            problem(text)
                == "recipe: a recipe has at most \(limit) bytes; point to files for what is longer."
        )
    }

    @Test func `a file of a terabyte is refused unread`() throws {
        let scratch = try Scratch("huge.yml")
        let file = scratch.url.appending(path: "huge.yml")
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: 1 << 40)
        try handle.close()
        let error = try #require(throws: RecipeError.self) { try RecipeDocument(contentsOf: file) }
        #expect(error.problems.map(\.fact) == [.tooLarge(limit: RecipeDocument.longest)])
    }

    @Test func `many problems are counted rather than listed`() {
        let text = (0..<5000).map { "unknown\($0): 1" }.joined(separator: "\n")
        let lines = problem(text).split(separator: "\n")
        #expect(lines.count == RecipeError.listed + 1)
        #expect(lines.last == "recipe: and 4952 more problems.")
    }

    @Test func `a dense recipe of the greatest length is read in seconds`() {
        let keys = (0..<90_000).map { "k\($0): 1" }.joined(separator: "\n")
        #expect(keys.utf8.count < RecipeDocument.longest)
        #expect(!problem(keys).isEmpty)
    }

    @Test(
        arguments: [
            [0xFF, 0xFE, 0x00], [0x61, 0x3A, 0x20, 0xC3, 0x28], [0xED, 0xA0, 0x80], [0xC0, 0x80],
        ] as [[UInt8]]
    )
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) throws {
        let scratch = try Scratch()
        let file = scratch.url.appending(path: "junk.yml")
        try Data(bytes).write(to: file)
        let offset = bytes[0] == 0x61 ? 3 : 0
        #expect {
            try RecipeDocument(contentsOf: file)
        } throws: {
            String(describing: $0)
                == "\(file.path): the recipe is not UTF-8 text: byte \(offset) belongs to no character."
        }
    }

    @Test func `junk never traps`() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array(
            "ab:-?[]{}*&!|>'\"%@`#,\n \t~<=.01\\\u{0}\u{7F}\u{E000}é😀".unicodeScalars
        )
        for _ in 0..<3000 {
            let count = Int.random(in: 1...40, using: &generator)
            let text = (0..<count).map { _ in alphabet.randomElement(using: &generator)! }
            var scalars = String.UnicodeScalarView()
            scalars.append(contentsOf: text)
            #expect(!problem(String(scalars)).isEmpty)
        }
    }

    @Test func `a mutilated recipe never traps`() throws {
        let text = """
            merge_method: adamerging
            base_model: &m {model: {path: /b, revision: x}, lora: a/b}
            models: [{model: *m, parameters: {<<: {weight: [{filter: "*", value: [1, 2]}]}}}]
            tasks: [{data: {path: /d, max_length: 3}, adapt: "train[:10%]", prompts: ["a {}"]}]
            parameters: {initial: 0.3, warmup: 0.1, optimizer: sgd, momentum: 0.5}
            tokenizer: {tokens: {x: {source: {kind: zero}}}}
            """
        let scalars = Array(text.unicodeScalars)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var changed = scalars
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let at = changed.indices.randomElement(using: &generator)!
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: changed.remove(at: at)
                case 1: changed.swapAt(at, changed.indices.randomElement(using: &generator)!)
                default: changed[at] = Unicode.Scalar(UInt8.random(in: 9...126, using: &generator))
                }
            }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: changed)
            _ = problem(String(view))
        }
    }

    @Test(arguments: [
        ("missing.yml", "the recipe cannot be read: there is no such file."),
        ("directory", "the recipe cannot be read: it is a directory."),
    ])
    func `a file that cannot be read is named`(name: String, sentence: String) throws {
        let scratch = try Scratch("directory/")
        let file = scratch.url.appending(path: name)
        #expect {
            try RecipeDocument(contentsOf: file)
        } throws: {
            String(describing: $0) == "\(file.path): \(sentence)"
        }
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "~"])
    func `an empty recipe says so`(text: String) {
        #expect(problem(text) == "recipe: the recipe cannot be read: it is empty.")
    }
}
