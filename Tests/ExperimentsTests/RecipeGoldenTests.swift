import Foundation
import TestSupport
import Testing

@testable import Experiments

@Suite(.enabled(if: Golden.directory != nil, Comment(rawValue: Golden.absence)))
struct `Recipes of the reference cases` {
    /// The configurations of the merging cases, by case.
    private static let cases: [String] = {
        guard let merge = Golden.directory?.appending(path: "merge") else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: merge.path)) ?? []
        return names.filter {
            FileManager.default.fileExists(atPath: merge.appending(path: "\($0)/config.yml").path)
        }.sorted()
    }()

    /// Cases whose recipe itself is wrong; those of the other `error-` cases are read.
    private static let refused = [
        "error-dtype", "error-models-and-slices", "error-path-missing", "error-slice-lengths",
        "error-unknown-method", "error-weight-not-a-number", "error-yaml-syntax",
    ]

    private func file(_ name: String, _ file: String = "config.yml") throws -> URL {
        try #require(Golden.directory).appending(path: "merge/\(name)/\(file)")
    }

    private func recipe(_ name: String) throws -> Recipe {
        try Recipe(contentsOf: file(name), methods: testMethods)
    }

    @Test func `there are reference cases`() {
        #expect(Self.cases.count > 90)
        #expect(Self.cases.filter(Self.refused.contains) == Self.refused)
    }

    @Test(arguments: cases.filter { !refused.contains($0) })
    func `a configuration of mergekit is read, and again when resolved`(name: String) throws {
        let recipe = try recipe(name)
        let document = try RecipeDocument(recipe.resolvedYAML(), file: recipe.source)
        let elsewhere = FileManager.default.temporaryDirectory
        let again = try Recipe(document, methods: testMethods, workingDirectory: elsewhere)
        #expect(again == recipe)
        #expect(again.differences(from: recipe).isEmpty)
        for model in recipe.experts + [recipe.baseModel].compactMap(\.self) {
            guard case .directory(let path) = model.model.location else {
                Issue.record("\(model) is no directory")
                continue
            }
            #expect(FileManager.default.fileExists(atPath: "\(path)/config.json"))
        }
    }

    /// Whether a message has an alternative of each line of the case's `expected_error.txt`.
    private func expectMessage(of error: any Error, in name: String) throws {
        let message = String(describing: error).lowercased()
        for line in try String(contentsOf: file(name, "expected_error.txt"), encoding: .utf8)
            .split(separator: "\n")
        {
            let alternatives = line.split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces).lowercased()
            }
            #expect(alternatives.contains(where: message.contains), "\(line): \(message)")
        }
    }

    @Test(arguments: refused)
    func `a wrong configuration is refused with the expected words`(name: String) throws {
        let error = try #require(throws: RecipeError.self) { try recipe(name) }
        try expectMessage(of: error, in: name)
    }

    @Test func `a missing weight is named with its model`() throws {
        let recipe = try recipe("error-missing-weight")
        let error = try #require(throws: OptionError.self) {
            for model in recipe.experts {
                _ = try recipe.scopes(of: model).number("weight", tensor: "model.norm.weight")
            }
        }
        try expectMessage(of: error, in: "error-missing-weight")
    }

    @Test func `a missing option of the merge is named`() throws {
        let recipe = try recipe("error-missing-t")
        let error = try #require(throws: OptionError.self) { try recipe.scopes().number("t") }
        try expectMessage(of: error, in: "error-missing-t")
    }

    @Test func `filters, gradients and scopes give the weights they should`() throws {
        let recipe = try recipe("compat-per-model-filters")
        func weights(_ tensor: String) throws -> [Double] {
            let position = LayerPosition.position(ofTensor: tensor, among: 3)
            return try recipe.experts.map {
                try recipe.scopes(of: $0).number("weight", tensor: tensor, at: position)
            }
        }
        #expect(try weights("model.layers.1.mlp.up_proj.weight") == [0.5, 0.5])
        #expect(try weights("model.layers.2.mlp.down_proj.weight") == [1, 0])
        #expect(try weights("model.layers.1.self_attn.q_proj.weight") == [0.9, 0.5])
        #expect(try weights("model.layers.1.self_attn.k_proj.weight") == [0.5, 0.5])
        #expect(try weights("model.embed_tokens.weight") == [0.25, 0.5])

        let falling = try self.recipe("compat-fallthrough")
        let scopes = try #require(falling.experts.first.map { falling.scopes(of: $0) })
        #expect(try scopes.number("weight", tensor: "model.layers.0.mlp.up_proj.weight") == 0.9)
        #expect(try scopes.number("weight", tensor: "model.norm.weight") == 0.35)
    }
}
