import Testing

@testable import Checkpoints

@Suite struct NameMatchingTests {
    @Test func `equal names match themselves`() {
        let names = ["bert.a.weight", "bert.b.bias", "classifier.weight"]
        let matching = NameMatching(wanted: names, available: names.reversed())
        #expect(matching.matches == Dictionary(uniqueKeysWithValues: zip(names, names)))
        #expect(matching.unmatchedWanted.isEmpty && matching.unmatchedAvailable.isEmpty)
    }

    @Test func `a bare encoder matches the classifier made from it, either way`() {
        let bare = ["embeddings.w", "encoder.layer.0.w", "encoder.layer.1.w", "pooler.w"]
        let classifier =
            ["bert.embeddings.position_ids"] + bare.map { "bert.\($0)" } + ["classifier.w"]
        let there = NameMatching(wanted: bare, available: classifier)
        #expect(there.matches["encoder.layer.1.w"] == "bert.encoder.layer.1.w")
        #expect(there.matches.count == 4)
        #expect(there.unmatchedWanted == [])
        #expect(there.unmatchedAvailable == ["bert.embeddings.position_ids", "classifier.w"])
        let back = NameMatching(wanted: classifier, available: bare)
        #expect(back.matches["bert.pooler.w"] == "pooler.w")
        #expect(back.unmatchedWanted == ["bert.embeddings.position_ids", "classifier.w"])
        #expect(back.unmatchedAvailable == [])
    }

    @Test func `a head keeps its own name beside a prefix`() {
        let matching = NameMatching(
            wanted: ["wte.weight", "h.0.attn.weight", "lm_head.weight"],
            available: [
                "transformer.wte.weight", "transformer.h.0.attn.weight",
                "transformer.h.0.attn.masked_bias", "lm_head.weight",
            ]
        )
        #expect(matching.matches["lm_head.weight"] == "lm_head.weight")
        #expect(matching.matches["wte.weight"] == "transformer.wte.weight")
        #expect(matching.unmatchedAvailable == ["transformer.h.0.attn.masked_bias"])
    }

    @Test func `gamma and beta are weight and bias`() {
        let old = ["bert.LayerNorm.gamma", "bert.LayerNorm.beta", "bert.dense.bias"]
        let new = ["LayerNorm.weight", "LayerNorm.bias", "dense.bias"]
        let expected = Dictionary(uniqueKeysWithValues: zip(new, old))
        #expect(NameMatching(wanted: new, available: old).matches == expected)
        let inverse = Dictionary(uniqueKeysWithValues: zip(old, new))
        #expect(NameMatching(wanted: old, available: new).matches == inverse)
    }

    @Test func `a parameter that is called gamma on both sides keeps its partner`() {
        let names = ["scale.gamma", "scale.weight", "x.beta"]
        let matching = NameMatching(wanted: names, available: names + ["x.bias"])
        #expect(matching.matches["scale.gamma"] == "scale.gamma")
        #expect(matching.matches["scale.weight"] == "scale.weight")
        #expect(matching.matches["x.beta"] == "x.beta")
        #expect(matching.unmatchedAvailable == ["x.bias"])
    }

    @Test func `no name is the partner of two`() {
        let matching = NameMatching(wanted: ["a.x.w", "x.w"], available: ["x.w"])
        #expect(matching.matches == ["x.w": "x.w"])
        let other = NameMatching(wanted: ["w", "a.w"], available: ["b.w", "c.w"])
        #expect(other.matches == ["w": "b.w"])
        #expect(other.unmatchedWanted == ["a.w"])
        #expect(other.unmatchedAvailable == ["c.w"])
    }

    @Test func `of several prefixes the one with most partners wins`() {
        let matching = NameMatching(
            wanted: ["layer.0.w", "layer.1.w"],
            available: ["text.layer.0.w", "vision.layer.0.w", "vision.layer.1.w"]
        )
        #expect(matching.matches["layer.0.w"] == "vision.layer.0.w")
        #expect(matching.unmatchedAvailable == ["text.layer.0.w"])
    }

    @Test func `nothing in common is all unmatched`() {
        let matching = NameMatching(wanted: ["a", ".b"], available: ["c", "."])
        #expect(matching.matches.isEmpty)
        #expect(matching.unmatchedWanted == ["a", ".b"])
        #expect(matching.unmatchedAvailable == ["c", "."])
        #expect(NameMatching(wanted: [], available: []).matches.isEmpty)
    }

    @Test func `many prefixes are no burden`() {
        let many = (0..<50_000).map { "p\($0).w" }
        #expect(NameMatching(wanted: ["w"], available: many).matches.count == 1)
    }
}
