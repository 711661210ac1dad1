import Foundation
import TestSupport
import Testing

@testable import Tasks

struct DatasetTests {
    let line = "{\"text\": \"a\", \"label\": 0}\n"

    @Test func `the splits of a directory are its data files`() throws {
        let folder = try DataFolder([
            "train.jsonl": line, "adapt.csv": "text\nb\n", "test.tsv": "text\nc\n",
            "labels.json": "[\"x\"]", "README.txt": "", "README.md": "", "LICENSE": "",
            ".hidden.jsonl": line, "dataset_infos.json": "{}", "notes.pdf": "",
        ])
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "more.jsonl"),
            withIntermediateDirectories: false
        )
        let data = try folder.dataset()
        #expect(data.splits == ["adapt", "test", "train"])
        #expect(try data.unlabeled(SplitReference(split: "adapt")).inputs == [.text("b")])
        #expect(try data.defaultSplit("train").split == "train")
        #expect(
            folder.message { _ = try data.unlabeled(SplitReference(split: "validation")) }
                .hasSuffix(" has no split “validation”; it has “adapt”, “test”, “train”.")
        )
        #expect(
            folder.message { _ = try data.defaultSplit("dev") }
                .hasSuffix(" has no split “dev”; it has “adapt”, “test”, “train”.")
        )
    }

    @Test func `a single file is the split all, whatever it is called`() throws {
        let folder = try DataFolder(["train.jsonl": line])
        let data = try folder.dataset("train.jsonl")
        #expect(data.splits == ["all"])
        #expect(try data.defaultSplit("test") == SplitReference(split: "all"))
        #expect(
            folder.message { _ = try data.unlabeled(SplitReference(split: "train")) } == """
                train.jsonl is a single file, whose only split is “all”; write that in place of \
                “train”, or give its directory.
                """
        )
    }

    @Test func `a split is read only when it is asked for`() throws {
        let folder = try DataFolder(["train.jsonl": line, "test.jsonl": "nonsense"])
        let data = try folder.dataset()
        #expect(try data.unlabeled(SplitReference(split: "train")).count == 1)
        #expect(throws: DataError.self) { try data.unlabeled(SplitReference(split: "test")) }
    }

    @Test func `two files of one split are ambiguous until a format chooses`() throws {
        let folder = try DataFolder(["train.jsonl": line, "train.csv": "text\nb\n"])
        let train = SplitReference(split: "train")
        #expect(
            folder.message { _ = try folder.dataset().unlabeled(train) } == """
                The split “train” could be any of train.csv, train.jsonl; give the `format`, or \
                one file as the path.
                """
        )
        let data = try folder.dataset { $0.format = "csv" }
        #expect(try data.unlabeled(train).inputs == [.text("b")])
    }

    @Test func `formats are known by name or by ending`() throws {
        let folder = try DataFolder(["data.dat": "text\nb\n", "data.jsonl": line])
        let data = try folder.dataset("data.dat") { $0.format = "CSV" }
        #expect(try data.unlabeled(SplitReference(split: "all")).inputs == [.text("b")])
        #expect(
            folder.message { _ = try folder.dataset("data.dat") } == """
                data.dat has no ending that stands for a format (.jsonl, .ndjson, .json, .csv, \
                .tsv, .tab, .txt, .safetensors, .gz, .idx); rename it or give its `format`.
                """
        )
        #expect(
            folder.message { _ = try folder.dataset { $0.format = "parquet" } } == """
                There is no format “parquet”; known are jsonl, csv, tsv, text, safetensors, idx, \
                imagefolder.
                """
        )
    }

    @Test func `a path without data says so`() throws {
        let folder = try DataFolder(["notes.pdf": ""])
        #expect(
            folder.message { _ = try folder.dataset("absent") }
                == "There is nothing at absent; check the path of the data."
        )
        #expect(
            folder.message { _ = try folder.dataset { $0.format = "tsv" } }.hasSuffix(
                " holds no data: expected files that end in .tsv, .tab, such as train.jsonl; "
                    + "check the path."
            )
        )
    }

    @Test func `plain text is for language models`() throws {
        #expect(
            try refusal("a.txt", "one\ntwo\n") == """
                a.txt is plain text, which is for language models; give examples as JSON Lines, \
                CSV or TSV.
                """
        )
    }

    @Test func `slices are taken of the file, and an empty one is refused`() throws {
        let texts = (0..<10).map { "{\"text\": \"\($0)\"}" }.joined(separator: "\n")
        let folder = try DataFolder(["train.jsonl": texts])
        let data = try folder.dataset()
        let parts = try data.unlabeled([
            SplitReference(parsing: "train[:3]"), SplitReference(parsing: "train[-20%:]"),
        ])
        #expect(parts[0].inputs == [.text("0"), .text("1"), .text("2")])
        #expect(parts[1].inputs == [.text("8"), .text("9")])
        #expect(parts[1].selection.indices == [8, 9])
        let message = folder.message {
            _ = try data.unlabeled(SplitReference(parsing: "train[10:20]"))
        }
        #expect(
            message == """
                train[10:20] selects none of the 10 examples in train.jsonl; choose a slice \
                inside them.
                """
        )
    }

    @Test func `every format stands in the table`() throws {
        let folder = Golden.repository.appending(path: "Sources/Tasks/Formats")
        let conforming = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .flatMap { file in
                try String(contentsOf: folder.appending(path: file), encoding: .utf8)
                    .matches(of: /struct (\w+): DatasetFormat/).map { String($0.output.1) }
            }
        #expect(Set(conforming) == Set(DatasetFormats.all.map { "\(type(of: $0))" }))
    }

    @Test(
        .enabled(if: Golden.data != nil, "\(Golden.absence)"),
        arguments: [
            ("pros-cons", 9999, 2000, 2), ("banking77", 9922, 1995, 77),
            ("home-assistant", 8605, 1990, 18), ("language-id", 1711, 665, 20),
            ("debtags-section", 5993, 1499, 16),
        ]
    )
    func `real data are read in full`(name: String, train: Int, test: Int, classes: Int) throws {
        let folder = try #require(Golden.data).appending(path: "text/\(name)")
        let data = try Dataset(DataSource(path: folder))
        #expect(data.splits == ["test", "train"])
        let examples = try data.labeled(data.defaultSplit("train"))
        #expect(examples.count == train)
        #expect(Set(examples.labels).count == classes)
        #expect(examples.classNames?.count == classes)
        let held = try data.unlabeled(data.defaultSplit("test"))
        #expect(held.count == test)
        #expect(held.overlap(with: examples.examples).isEmpty)
    }
}
