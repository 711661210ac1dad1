import FoundationEssentials
import Testing

@testable import Experiments

@Suite struct `A recipe as a document` {
    private func yaml(_ text: String, _ overrides: String...) throws -> String {
        try RecipeDocument(text, overrides: overrides).root.yaml()
    }

    private func problem(_ text: String, _ overrides: String...) -> String? {
        do {
            _ = try RecipeDocument(
                text,
                file: URL(filePath: "a/recipe.yml"),
                overrides: overrides
            )
            return nil
        } catch { return String(describing: error) }
    }

    // MARK: Scalars

    @Test(arguments: [
        ("1", 1), ("-2.5", -2.5), ("+3", 3), ("1e-3", 0.001), ("1.0e-3", 0.001), (".5", 0.5),
        ("1_000", 1000), ("1E3", 1000), ("0", 0), ("0.0", 0), ("-0.25", -0.25), (".inf", .infinity),
    ])
    func `numbers are read as decimal`(text: String, number: Double) {
        #expect(DocumentScalar(text: text).number == number)
        #expect(DocumentScalar(text: text, isText: true).number == nil)
    }

    @Test(arguments: [
        "", "a", "007", "00.5", "0x10", "0b1", "1:30", "inf", "nan", "infinity", "-", ".", "+",
        "1e", "e5", "1.2.3", "1 2", "２", "--1", "_1", "0o17",
    ])
    func `what could be read in two ways is no number`(text: String) {
        #expect(DocumentScalar(text: text).number == nil)
        #expect(DocumentScalar(text: text).integer == nil)
    }

    @Test(arguments: [
        ("3", 3), ("3.0", 3), ("1e3", 1000), ("9223372036854775807", Int.max), ("-4", -4),
    ])
    func `whole numbers may be written in any way`(text: String, integer: Int) {
        #expect(DocumentScalar(text: text).integer == integer)
    }

    @Test func `numbers are written so that every reader of YAML reads them`() {
        let numerals = [
            1e-5: "1.0e-05", 0.1: "0.1", 500: "500", 1e20: "1.0e+20", 1.5e-7: "1.5e-07",
        ]
        for (number, numeral) in numerals {
            #expect(DocumentValue.numeral(number) == numeral)
            #expect(DocumentScalar(text: numeral).number == number)
        }
        #expect(DocumentScalar(text: DocumentValue.numeral(-0x1p63)).number == -0x1p63)
    }

    @Test(arguments: [
        "plain", "with space", "null", "true", "on", "1", "1e-3", "010", "0x1f", "2024-01-01", "~",
        "", " padded ", "a: b", "a # b", "- a", "*", "*alias", "&anchor", "!tag", "%", "@at", "`x`",
        "{a}", "[a]", "'", "\"", "\\", "line\nbreak", "tab\t", "trailing\n", "\u{85}", "\u{2028}",
        "a\u{FEFF}b", "é漢😀", "\u{1}", "<<", "=", "?", "a,b", "\r\n", ".inf", "-",
        "{% for m in messages %}\n{{ m.content }}\n{% endfor %}\n",
    ])
    func `texts survive being written and read`(text: String) throws {
        let value = DocumentValue.map([("key", .text(text)), (text + "x", .list([.text(text)]))])
        let document = try RecipeDocument(value.yaml())
        #expect(document.root.differences(from: value).isEmpty)
        guard case .map = document.root.content else {
            Issue.record("not a map")
            return
        }
        let key = RecipeReading(document, workingDirectory: nil).root?["key"]
        let scalar = try #require(key?.scalar)
        #expect(scalar.text == text)
        #expect(scalar.number == nil && scalar.boolean == nil)
    }

    // MARK: Anchors

    @Test func `anchors, aliases and merge keys are expanded`() throws {
        let text = """
            defaults: &d {weight: 0.5, density: 0.2}
            first: *d
            second:
              <<: *d
              weight: 1
            third: {<<: [{a: 1}, {a: 2, b: 3}], c: "*d", d: a *d, e: [*d, '*']}
            """
        let expanded = """
            defaults:
              weight: 0.5
              density: 0.2
            first:
              weight: 0.5
              density: 0.2
            second:
              weight: 1
              density: 0.2
            third:
              c: '*d'
              d: a *d
              e:
              - weight: 0.5
                density: 0.2
              - '*'
              a: 1
              b: 3

            """
        #expect(try yaml(text) == expanded)
    }

    @Test func `an anchor may be used again under the same name`() throws {
        #expect(try yaml("[&a 1, *a, &a 2, *a]") == "[1, 1, 2, 2]\n")
    }

    // MARK: Overrides

    @Test(arguments: [
        ("a=2", "a: 2\nb:\n  c: 1\n"),
        ("b.c=[1, x]", "a: 1\nb:\n  c: [1, x]\n"),
        ("b.d.e=true", "a: 1\nb:\n  c: 1\n  d:\n    e: true\n"),
        ("b={c: 2}", "a: 1\nb:\n  c: 2\n"),
        ("a=", "a:\nb:\n  c: 1\n"),
        ("b.\"d.e\"=f=g", "a: 1\nb:\n  c: 1\n  d.e: f=g\n"),
    ])
    func `an override replaces or creates a value`(override: String, result: String) throws {
        #expect(try yaml("{a: 1, b: {c: 1}}", override) == result)
    }

    @Test(arguments: [
        ("models.0.weight=7", [7, 2, 3]), ("models.base.weight=7", [1, 7, 3]),
        ("models.role.weight=7", [1, 2, 7]), ("models.2.weight=7", [1, 2, 7]),
    ])
    func `an element is addressed by its index or its name`(
        override: String,
        weights: [Int]
    ) throws {
        let text = """
            models: [{model: a/expert, weight: 1}, {model: a/base, weight: 2}, {name: role, weight: 3}]
            """
        let document = try RecipeDocument(text, overrides: [override])
        let models = RecipeReading(document, workingDirectory: nil).root?["models"]
        let read = models?.list(of: "models") { $0.map()?["weight"]?.integer(atLeast: 0) }
        #expect(read == weights)
    }

    @Test func `overrides apply in their order and to an empty recipe`() throws {
        #expect(try yaml("", "a.b=1", "a.b=2", "a.c=3") == "a:\n  b: 2\n  c: 3\n")
    }

    @Test(arguments: [
        ("a", "an override is written `key.path=value`, as in `parameters.steps=100`."),
        ("=1", "an override is written `key.path=value`, as in `parameters.steps=100`."),
        ("a..b=1", "an override is written `key.path=value`, as in `parameters.steps=100`."),
        ("a.b=1", "`a` is `1`, which has no keys to set."),
        ("l.x=1", "`l` has no element `x`: it has elements 0 to 1, named one, two."),
        ("l.2.x=1", "`l` has no element `2`: it has elements 0 to 1, named one, two."),
        ("l.-1.x=1", "`l` has no element `-1`: it has elements 0 to 1, named one, two."),
        (
            "a=[1",
            "this is not YAML: while parsing a flow sequence that began in line 1, did not find "
                + "expected ',' or ']'."
        ),
    ])
    func `an override that leads nowhere says why`(override: String, sentence: String) {
        let text = "{a: 1, l: [{name: one}, {model: x/two}]}"
        #expect(problem(text, override) == "a/recipe.yml: --set \(override): \(sentence)")
    }

    // MARK: What is refused

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", "1:1: the key `a` stands twice in one map; keep one of them."),
        ("1: a\n\"1\": b\n", "1:1: the key `1` stands twice in one map; keep one of them."),
        ("[a]: 1\n", "1:1: a key must be plain text, not a list, a map or an alias."),
        ("{a: &x b, *x : c}", "1:11: a key must be plain text, not a list, a map or an alias."),
        ("a: *b\n", "1:4: the alias `*b` refers to no anchor before it."),
        ("a: &a [*a]\n", "1:8: the alias `*a` refers to no anchor before it."),
        ("filter: *\n", "1:9: a text that begins with `*` must stand in quotes: \"*\"."),
        (
            "a: !!python/object:os.system x",
            "1:4: the tag `tag:yaml.org,2002:python/object:os.system` has no meaning in a recipe."
        ),
        ("<<: 1", "1:5: `<<` takes a map, or a list of maps."),
        ("<<: [{}, 1]", "1:10: `<<` takes a map, or a list of maps."),
        (
            "a: 1\n---\nb: 2\n",
            "2:1: a second YAML document begins here; a recipe is one document in a file of its own."
        ),
        (
            "a: [1, 2\nb: 3\n",
            "2:2: this is not YAML: while parsing a flow sequence that began in line 1, did not "
                + "find expected ',' or ']'."
        ),
        (
            "a: 1\n\tb: 2\n",
            "2:1: this is not YAML: while scanning a plain scalar that began in line 1, found a tab "
                + "character that violates indentation."
        ),
    ])
    func `what cannot be a recipe is refused with its place`(text: String, sentence: String) {
        #expect(problem(text) == "a/recipe.yml:\(sentence)")
    }
}
