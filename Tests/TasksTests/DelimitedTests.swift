import Foundation
import Testing

@testable import Tasks

struct DelimitedTests {
    @Test(arguments: [("a.csv", ","), ("a.tsv", "\t")])
    func `quoted fields may hold separators, line ends and quotation marks`(
        name: String,
        separator: String
    ) throws {
        let file = #"""
            label,text,text_pair
            0,"one, two","say ""hi"""
            1,"first
            second\#r
            third",""
            2,plain,""""""
            """#
        let content = "\u{FEFF}" + file.replacing(",", with: separator)
        #expect(
            try inputs(name, content) == [
                .text("one\(separator) two", pair: "say \"hi\""),
                .text("first\nsecond\r\nthird", pair: ""),
                .text("plain", pair: "\"\""),
            ]
        )
    }

    @Test func `lines may end as on Windows, the last one not at all, and be blank`() throws {
        #expect(
            try inputs("a.csv", "text,label\r\na,1\r\n\r\nb,\r\n\"\",2\r\nc,3")
                == [.text("a"), .text("b"), .text(""), .text("c")]
        )
        #expect(try inputs("a.csv", "text\n\"\"\n\nx\r") == [.text(""), .text("x")])
        #expect(try inputs("a.csv", "text\na\rb\n") == [.text("a\rb")])
    }

    @Test func `plain tab-separated files keep their quotation marks`() throws {
        let file = "text\tlabel\nhe said \"no\"\t1\n\"Foo\" is a word\t0\nan open \" one\t1\n"
        #expect(
            try inputs("a.tsv", file) == [
                .text("he said \"no\""), .text("\"Foo\" is a word"), .text("an open \" one"),
            ]
        )
        // A quotation mark that is never closed.
        let open = "text\tlabel\n\"a\t1\nb\t0\n"
        #expect(try inputs("a.tsv", open) == [.text("\"a"), .text("b")])
    }

    @Test func `what is broken is named with its line`() throws {
        let file = """
            text,label
            fine,1
            one,2,3
            "two
            lines",1
            short
            a "quote",1
            "quote" after,0
            "never closed,0
            still open,1
            """
        #expect(
            try refusal("a.csv", file) == """
                a.csv has 5 broken lines: \
                line 3: expected 2 fields as in the header, found 3; \
                line 6: expected 2 fields as in the header, found 1; \
                line 7: expected a quotation mark only around a field, or doubled inside it, \
                found one elsewhere; \
                line 8: expected a quotation mark only around a field, or doubled inside it, \
                found one elsewhere; \
                line 9: expected a closing quotation mark, found the end of the file; \
                correct or remove what is broken.
                """
        )
    }

    @Test func `a header without the text names the columns there are`() throws {
        #expect(
            try refusal("a.csv", "sentence,label\nx,1\n") == """
                a.csv has no column “text” in its header, which has “sentence”, “label”; name the \
                right one in the recipe.
                """
        )
        #expect(
            try refusal("a.csv", "text,text\nx,y\n")
                == "a.csv has 2 columns “text” in its header; rename all but one."
        )
        #expect(
            try refusal("a.csv", "text,label\n")
                == "a.csv holds no examples; check that it was written in full."
        )
        let folder = try DataFolder(["a.csv": "text,label\nx,1\n"])
        let message = folder.message {
            let data = try folder.dataset("a.csv") { $0.textPair = "second" }
            _ = try data.unlabeled(SplitReference(split: "all"))
        }
        #expect(message.hasPrefix("a.csv has no column “second” in its header, which has “text”"))
    }

    @Test func `columns that nobody asked for may hold anything but broken quotation`() throws {
        let rows = Data("text,x,label\na,".utf8) + [0xFF, 0xFE] + Data(",1\n".utf8)
        #expect(try inputs("a.csv", rows) == [.text("a")])
    }
}
