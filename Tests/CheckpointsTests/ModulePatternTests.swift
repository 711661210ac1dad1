import Testing

@testable import Checkpoints

@Suite struct ModulePatternTests {
    @Test(
        arguments: [
            ("q_proj", ["q_proj", "a.b.q_proj"], ["xq_proj", "q_proj.x", "q_proj\n", ""]),
            ("a.b", ["a.b", "x.a.b", "axb"], ["a.b.c", "ab"]),
            (#"a\.b"#, ["a.b", "x.a.b"], ["axb"]),
            ("^a.q", ["a.q"], ["x.a.q"]),
            ("a.q$", ["a.q", "x.a.q"], ["a.q.r"]),
            (
                #"layers\.\d+\.(q|k|v)_proj"#, ["layers.12.k_proj", "m.layers.0.v_proj"],
                ["layers..q_proj"]
            ),
            ("[qk]_[^a-c]", ["q_d", "x.k_z"], ["v_d", "q_a"]),
            (#"[]\-a.-]"#, ["]", "-", "a", "."], ["b"]),
            ("(?:ab)+c?", ["ab", "abab", "ababc"], ["", "c", "aba"]),
            ("a{2}b{1,}c{,2}d{1,3}", ["aabd", "aabbccddd"], ["abd", "aabccccd", "aabdddd"]),
            ("a*?b+?", ["b", "aab", "abbb"], ["a"]),
            ("", ["", "a."], ["a"]),
            ("a||b", ["a", "", "b", "x.b"], ["ab"]),
            (#"\w+\s\W\S\D"#, ["a_9 .xx"], ["a_9 .x9"]),
            (".*", ["", "a", "a.b"], ["a\nb"]),
            ("é", ["é", "x.é"], ["e"]),
        ] as [(String, [String], [String])]
    )
    func `a pattern fits what Python's would`(pattern: String, fits: [String], not: [String]) throws
    {
        let compiled = try #require(ModulePattern(pattern))
        for name in fits { #expect(compiled.matches(name), "\(pattern) fits \(name)") }
        for name in not { #expect(!compiled.matches(name), "\(pattern) does not fit \(name)") }
    }

    @Test(arguments: [
        "(", ")", "a)", "[", "[a", "[b-a]", "*", "a**", "a{", "a{2", "a{2,1}", "a{,}", "a{x}", "\\",
        #"\b"#, #"(a)\1"#, "(?=a)", "(?P<x>a)", "(?i)a", "a{999999}", "((a{99}){99}){99}",
        String(repeating: "(", count: 500) + String(repeating: ")", count: 500),
        String(repeating: "a", count: 1001) + "*",
    ])
    func `what is malformed, or beyond such patterns, is none`(pattern: String) {
        #expect(ModulePattern(pattern) == nil)
    }

    @Test func `no pattern takes for ever`() throws {
        let name = String(repeating: "a", count: 2000) + "!"
        for pattern in ["(a+)+", "(a|a)*", "(a*)*b", "((a?){50}){20}a{500}"] {
            let compiled = try #require(ModulePattern(pattern))
            #expect(!compiled.matches(name))
        }
    }
}
