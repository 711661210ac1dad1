import Checkpoints
import Experiments
import Foundation
import Merging
import TestSupport
import Tensors
import Testing
import Tokenizers

/// What a `case.json` of a merge of vocabularies says.
private struct VocabularyCase: Decodable {
    struct Added: Decodable, Equatable {
        var special, normalized, lstrip, rstrip, single_word: Bool
    }
    var vocab_size: Int
    var vocabulary: [String: Int32]
    var added: [String: Added]
    var chat_template: String?
    var encodings: [[String]]
    var texts: [String]
    var atol, rtol: Double
}

/// The merges of models whose vocabularies differ, as mergekit makes them.
private let cases = ReferenceCase.all("tokenizer-merges") { _ in true }

@Suite struct `Merges of vocabularies agree with mergekit` {
    private func recipe(of reference: ReferenceCase) throws -> Recipe {
        try Recipe(contentsOf: reference.file("config.yml"), methods: MethodSignature.all)
    }

    private func merge(_ reference: ReferenceCase, in folder: ModelFolder) throws -> URL {
        let recipe = try recipe(of: reference)
        let output = folder.file("merged")
        try Merge.run(recipe, to: output, workers: Workers(2))
        return output
    }

    @Test func `there are cases`() { #expect(cases.count >= 13) }

    @Test(arguments: cases)
    private func `tensors, row by row of their tokens`(of reference: ReferenceCase) throws {
        let folder = try ModelFolder()
        let facts = try reference.json(VocabularyCase.self)
        let output = try merge(reference, in: folder)
        let (found, expected) = try (
            Checkpoint(at: output), reference.tensors("expected.safetensors")
        )
        let tokens = try #require(try TokenList(directory: output))
        let tolerance = Tolerance(absolute: facts.atol, relative: facts.rtol)
        // mergekit leaves the bias of the output as it is, so that it is of other tokens.
        let names = expected.names.filter { !$0.hasSuffix("predictions.bias") }
        #expect(Set(found.names).isSuperset(of: names))
        for name in names {
            let (tensor, reference) = try (found.view(name), expected.view(name))
            #expect(tensor.dtype == reference.dtype && tensor.shape == reference.shape, "\(name)")
            guard TokenTables.contains(name) else {
                let excess = try tolerance.excess(
                    of: tensor.tensor().elements,
                    over: reference.tensor().elements
                )
                #expect(excess <= 0, "\(name) is off by \(excess)")
                continue
            }
            let rows = reference.shape[0]
            // What the settings name and no row is for is there, but not embedded.
            for (token, id) in facts.vocabulary where id < rows {
                let own = try #require(tokens.id(of: token), "\(token)")
                let excess = try tolerance.excess(
                    of: tensor.rows([own]).elements,
                    over: reference.rows([id]).elements
                )
                #expect(excess <= 0, "\(name), \(token) is off by \(excess)")
            }
            let padding = Array(Int32(min(facts.vocabulary.count, rows))..<Int32(rows))
            let excess = try tolerance.excess(
                of: tensor.rows(padding).elements,
                over: reference.rows(padding).elements
            )
            #expect(padding.isEmpty || excess <= 0, "the padding of \(name) is off by \(excess)")
        }
    }

    @Test(arguments: cases)
    private func `tokens, their settings, and how texts are read`(of reference: ReferenceCase)
        throws
    {
        let folder = try ModelFolder()
        let facts = try reference.json(VocabularyCase.self)
        let output = try merge(reference, in: folder)
        let tokens = try #require(try TokenList(directory: output))
        #expect(Set(tokens.tokens.map(\.token)) == Set(facts.vocabulary.keys))
        let added = tokens.addedTokens.map { entry in
            let token = entry.token
            return (
                token.content,
                VocabularyCase.Added(
                    special: token.isSpecial,
                    normalized: token.isNormalized,
                    lstrip: token.stripsLeft,
                    rstrip: token.stripsRight,
                    single_word: token.isSingleWord
                )
            )
        }
        // A token whose embedding the recipe names becomes a plain added token in mergekit, even if it
        // was special or a word; here that changes nothing of how texts are read.
        let recipe = try String(contentsOf: reference.file("config.yml"), encoding: .utf8)
        let settings = Dictionary(uniqueKeysWithValues: added)
        func unnamed(_ entry: (key: String, value: VocabularyCase.Added)) -> Bool {
            !recipe.contains("    \(entry.key):\n")
        }
        #expect(settings.filter(unnamed) == facts.added.filter(unnamed))
        let tokenizer = try Tokenizer(directory: output)
        let others = added.map(\.0).filter { recipe.contains("    \($0):\n") }
        for (text, expected) in zip(facts.texts, facts.encodings)
        where !others.contains(where: text.contains) {
            #expect(try tokenizer.encode(text).tokens == expected, "\(text)")
        }
    }

    @Test(arguments: cases)
    private func `the number of tokens, and the chat template`(of reference: ReferenceCase) throws {
        struct Configuration: Decodable { var vocab_size: Int }
        struct Settings: Decodable { var chat_template: String? }
        let folder = try ModelFolder()
        let facts = try reference.json(VocabularyCase.self)
        let output = try merge(reference, in: folder)
        func decode<T: Decodable>(_ type: T.Type, _ name: String) throws -> T {
            try JSONDecoder().decode(type, from: Data(contentsOf: output.appending(path: name)))
        }
        #expect(try decode(Configuration.self, "config.json").vocab_size == facts.vocab_size)
        let file = output.appending(path: "chat_template.jinja")
        let separate = try? String(contentsOf: file, encoding: .utf8)
        let inside = try decode(Settings.self, "tokenizer_config.json").chat_template
        #expect(separate ?? inside == facts.chat_template)
        #expect(inside == nil || separate == nil || inside == separate)
    }
}
