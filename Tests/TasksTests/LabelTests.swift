import Testing

@testable import Tasks

struct LabelTests {
    let all = SplitReference(split: "all")

    private func labels(
        _ values: [String],
        list: String? = nil,
        classNames: [String]? = nil
    ) throws -> [Int32] {
        let folder = try folder(values, list: list)
        return try folder.dataset("a.jsonl").labeled(all, classNames: classNames).labels
    }

    private func message(
        _ values: [String],
        list: String? = nil,
        classNames: [String]? = nil
    ) throws -> String {
        let folder = try folder(values, list: list)
        return folder.message {
            _ = try folder.dataset("a.jsonl").labeled(all, classNames: classNames)
        }
    }

    private func folder(_ values: [String], list: String?) throws -> DataFolder {
        var files = [
            "a.jsonl": values.map { "{\"text\": \"a\", \"label\": \($0)}\n" }.joined()
        ]
        files["labels.json"] = list
        return try DataFolder(files)
    }

    @Test func `integers need no names`() throws {
        #expect(try labels(["0", "5", "2147483646", "1.0"]) == [0, 5, 2_147_483_646, 1])
    }

    @Test(arguments: [#"["neg", "pos"]"#, #"{"labels": ["neg", "pos"]}"#])
    func `names are looked up beside the data`(list: String) throws {
        #expect(try labels(["\"pos\"", "\"neg\"", "1", "\"0\""], list: list) == [1, 0, 1, 0])
    }

    @Test func `names are looked up among the model's classes`() throws {
        #expect(try labels(["\"pos\"", "0"], classNames: ["pos", "neg"]) == [0, 0])
    }

    @Test func `integers of the data mean the model's class of the same name`() throws {
        let list = #"["neg", "pos"]"#
        let model = ["pos", "neutral", "neg"]
        #expect(try labels(["0", "1", "\"pos\""], list: list, classNames: model) == [2, 0, 0])
    }

    @Test func `a model without real names counts as the data do`() throws {
        let list = #"["neg", "pos"]"#
        let model = ["LABEL_0", "LABEL_1"]
        #expect(
            try labels(["0", "\"pos\"", "\"LABEL_1\""], list: list, classNames: model) == [0, 1, 1]
        )
    }

    @Test func `a class may be called by a number`() throws {
        #expect(try labels(["\"1\"", "\"2\"", "1"], classNames: ["1", "2"]) == [0, 1, 1])
    }

    @Test func `tables hold names or integers`() throws {
        let folder = try DataFolder([
            "a.csv": "text,label\nx,pos\ny,0\n", "labels.json": #"["neg", "pos"]"#,
        ])
        let examples = try folder.dataset("a.csv").labeled(all)
        #expect(examples.labels == [1, 0])
        #expect(examples.classNames == ["neg", "pos"])
        #expect(try folder.dataset().classNames(of: "a") == ["neg", "pos"])
    }

    @Test func `labels that are wrong are named with file and line`() throws {
        let values = ["0", "2", "-1", "\"up\"", "true", "[]", "1.5", "null", "1"]
        #expect(
            try message(values, list: #"["neg", "pos"]"#) == """
                a.jsonl has 7 broken lines: \
                line 2: expected a label from 0 to 1, found 2; \
                line 3: expected a label from 0 to 1, found -1; \
                line 4: expected one of the classes “neg”, “pos”, found “up”; \
                line 5: expected an integer or a name as label, found true; \
                line 6: expected an integer or a name as label, found a list; \
                line 7: expected an integer or a name as label, found the number 1.5; \
                line 8: expected a label in the field “label”, found none; \
                correct or remove what is broken.
                """
        )
        #expect(
            try message(["\"pos\""]).contains(
                "line 1: expected an integer as label, as neither the model nor a labels.json "
                    + "names classes, found “pos”"
            )
        )
        #expect(try message(["2147483647"]).contains("expected a label from 0 to 2147483646"))
    }

    @Test func `broken labels and broken lines are reported together, in order`() throws {
        let folder = try DataFolder([
            "a.jsonl": "{\"text\": \"a\", \"label\": -1}\n{}\n{\"text\": \"a\", \"label\": -2}\n"
        ])
        let message = folder.message { _ = try folder.dataset("a.jsonl").labeled(all) }
        let places = try ["line 1: ", "line 2: ", "line 3: "].map {
            try #require(message.firstRange(of: $0)).lowerBound
        }
        #expect(places == places.sorted())
    }

    @Test func `a file without any label says which field was looked at`() throws {
        #expect(
            try refusal("a.jsonl", "{\"text\": \"a\", \"gold\": 1}", labels: true) == """
                a.jsonl has no labels: expected them in the field “label”; name the right field \
                in the recipe.
                """
        )
    }

    @Test func `a list of classes must be one`() throws {
        let wrong = """
            labels.json should be a list of names of classes, or an object with that list as \
            `labels`; correct it or remove it.
            """
        for list in ["", "[]", "[1]", "{\"names\": []}", "\"a\"", "[\"a\""] {
            #expect(try message(["0"], list: list) == wrong)
        }
        #expect(
            try message(["0"], list: #"["a", "b", "a"]"#)
                == "labels.json has the class “a” twice; give every class its own name."
        )
        #expect(
            try message(["0"], list: #"["a", "B"]"#, classNames: ["a", "b"]) == """
                labels.json has classes that the model lacks (“B”) beside others that it has; \
                call every class as the model does.
                """
        )
    }

    @Test func `without labels nobody looks at them`() throws {
        let folder = try folder(["-7", "[]", "\"?\""], list: "no list at all")
        #expect(try folder.dataset("a.jsonl").unlabeled(all).count == 3)
    }
}
