import Foundation
import Testing

@testable import Tasks

struct JSONLinesTests {
    @Test func `every line is an example`() throws {
        let file = """
            {"text": "one", "label": 3, "more": [1, {"deep": null}]}\r
            \u{20}
            {"text_pair": "zwei", "text": "tw\\u006f \\ud83d\\ude00"}
            {"text": "", "text_pair": null}
            """
        #expect(
            try inputs("a.jsonl", file) == [
                .text("one"), .text("two 😀", pair: "zwei"), .text(""),
            ]
        )
        #expect(try inputs("a.jsonl", "\u{FEFF}{\"text\": \"a\"}\n") == [.text("a")])
    }

    @Test func `fields have the names that the recipe gives them`() throws {
        let folder = try DataFolder([
            "a.jsonl": #"{"premise": "p", "hypothesis": "h", "gold": 1}"#
        ])
        let data = try folder.dataset("a.jsonl") {
            ($0.text, $0.textPair, $0.label) = ("premise", "hypothesis", "gold")
        }
        let examples = try data.labeled(SplitReference(split: "all"))
        #expect(examples.examples.inputs == [.text("p", pair: "h")])
        #expect(examples.labels == [1])
    }

    @Test func `all broken lines are reported together, with their numbers`() throws {
        let file = """
            {"text": "fine"}
            {"text": 5}
            {"sentence": "a", "idx": 2}

            [1]
            {"text": "cut
            {"text": ["list"], "text_pair": {}}
            {"text": "a", "text_pair": true}
            {"text": null}
            """
        #expect(
            try refusal("a.jsonl", file) == """
                a.jsonl has 7 broken lines: \
                line 2: expected a text in the field “text”, found the number 5.0; \
                line 3: expected the field “text”, found “idx”, “sentence”; \
                line 5: expected a JSON object, found another JSON value; \
                line 6: expected a JSON object, found “{"text": "cut”; \
                line 7: expected a text in the field “text”, found a list; \
                line 8: expected a text in the field “text_pair”, found true; \
                line 9: expected the field “text”, found “text”; \
                correct or remove what is broken.
                """
        )
    }

    @Test func `of many broken lines the first twenty are shown`() throws {
        let message = try refusal("a.jsonl", String(repeating: "nonsense\n", count: 5000))
        #expect(message.contains("a.jsonl has 5000 broken lines: line 1: "))
        #expect(message.contains("line 20: ") && !message.contains("line 21: "))
        #expect(message.hasSuffix("; and 4980 more; correct or remove what is broken."))
    }

    @Test func `a pair that the recipe names must be there`() throws {
        let folder = try DataFolder(["a.jsonl": #"{"text": "p", "hypotesis": "h"}"#])
        let data = try folder.dataset("a.jsonl") { $0.textPair = "hypothesis" }
        #expect(
            folder.message { _ = try data.unlabeled(SplitReference(split: "all")) } == """
                a.jsonl has 1 broken line: line 1: expected the field “hypothesis”, found \
                “hypotesis”, “text”; correct or remove what is broken.
                """
        )
    }

    @Test(arguments: ["", "\n\n", "\u{FEFF}", " \r\n"])
    func `a file without examples is refused`(content: String) throws {
        #expect(
            try refusal("a.jsonl", content)
                == "a.jsonl holds no examples; check that it was written in full."
        )
    }
}
