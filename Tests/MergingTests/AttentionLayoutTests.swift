import Foundation
import Merging
import Testing

/// Three experts of one layer of attention, its projections as three matrices and as one.
private struct AttentionModels {
    static let (width, prefix) = (6, "model.layers.0.self_attn.")
    static let separate = ["q_proj", "k_proj", "v_proj"].map { "\(prefix)\($0).weight" }
    static let joint = "\(prefix)in_proj_weight"
    /// What is no projection: another matrix, a vector, and a matrix whose name only begins alike.
    private static let others = [
        ("model.layers.0.mlp.weight", [4, width]),
        ("model.layers.0.self_attn.q_proj.bias", [width]),
        ("model.layers.0.self_attn.q_proj_norm.weight", [3, width]),
    ]

    let asThree, asOne: VectorModels

    /// The rows of each projection; keys and values may have fewer than queries.
    init(rows: [Int]) throws {
        var shapes = Dictionary(uniqueKeysWithValues: Self.others)
        for (name, rows) in zip(Self.separate, rows) { shapes[name] = [rows, Self.width] }
        let models = (0..<4).map { model in
            shapes.reduce(into: [String: [Float]]()) { vectors, entry in
                let seed = Double(entry.key.utf8.reduce(7 * model + 1) { $0 + Int($1) })
                vectors[entry.key] = (0..<entry.value.reduce(1, *)).map {
                    Float(sin(seed + 1.7 * Double($0 * $0)) + Double(model) / 8)
                }
            }
        }
        asThree = try VectorModels(
            base: models[0],
            experts: Array(models.dropFirst()),
            shapes: shapes
        )
        var joint = shapes
        for name in Self.separate { joint[name] = nil }
        joint[Self.joint] = [rows.reduce(0, +), Self.width]
        let joined = models.map(Self.joined)
        asOne = try VectorModels(
            base: joined[0],
            experts: Array(joined.dropFirst()),
            shapes: joint
        )
    }

    /// A model's projections as one.
    static func joined(_ model: [String: [Float]]) -> [String: [Float]] {
        var result = model
        result[joint] = separate.flatMap { result.removeValue(forKey: $0) ?? [] }
        return result
    }
}

@Suite struct `Projections of attention` {
    /// The methods whose answers depend on what is one matrix.
    private static let methods = MergeMethods.all.filter { method in
        method.card.options.contains { $0.name == "qkv" }
    }.map(\.card.name)

    private func expectEqual(
        _ found: [String: [Float]],
        _ expected: [String: [Float]],
        _ comment: Comment
    ) {
        #expect(found.keys.sorted() == expected.keys.sorted())
        for (name, numbers) in expected {
            for (found, expected) in zip(found[name] ?? [], numbers) {
                let isClose = abs(found - expected) <= 2e-6 * max(1, abs(expected))
                #expect(isClose, "\(name), \(comment)")
            }
        }
    }

    @Test(arguments: methods, [[6, 6, 6], [6, 2, 2]])
    func `packed are merged as one matrix`(name: String, rows: [Int]) throws {
        let (method, models) = (try MergeMethods.named(name), try AttentionModels(rows: rows))
        let packed = try models.asThree.merged(method, TestOptions(merge: ["qkv": .text("packed")]))
        let one = try models.asOne.merged(method, TestOptions())
        expectEqual(AttentionModels.joined(packed), one, "\(name)")
        let three = try models.asThree.merged(method, TestOptions())
        // The layout matters, or there is nothing to choose.
        #expect(AttentionModels.joined(three) != AttentionModels.joined(packed), "\(name)")
    }

    @Test(arguments: methods)
    func `split are merged as three`(name: String) throws {
        let (method, models) = (try MergeMethods.named(name), try AttentionModels(rows: [6, 6, 6]))
        let split = try models.asOne.merged(method, TestOptions(merge: ["qkv": .text("split")]))
        let three = try models.asThree.merged(method, TestOptions())
        expectEqual(split, AttentionModels.joined(three), "\(name)")
    }

    @Test func `are not laid out with one of them excluded`() throws {
        let models = try AttentionModels(rows: [6, 6, 6])
        let excluded = OptionValue.list([.text(AttentionModels.separate[1])])
        let options = TestOptions(merge: ["qkv": .text("packed"), "exclude_keys": excluded])
        let error = try #require(throws: MergeError.self) {
            try models.asThree.merged(.isotropic, options)
        }
        #expect(error.description.contains("qkv"), "\(error)")
        let one = OptionValue.list([.text(AttentionModels.joint)])
        #expect(throws: MergeError.self) {
            let options = TestOptions(merge: ["qkv": .text("split"), "exclude_keys": one])
            return try models.asOne.merged(.isotropic, options)
        }
    }

    @Test(arguments: ["packed", "split"])
    func `that are not there are missed`(layout: String) throws {
        let models = try AttentionModels(rows: [6, 6, 6])
        let error = try #require(throws: MergeError.self) {
            try (layout == "packed" ? models.asOne : models.asThree)
                .merged(.opcm, TestOptions(merge: ["qkv": .text(layout)]))
        }
        #expect(error.description.contains("qkv is \(layout)"), "\(error)")
        #expect(error.description.contains("stored"), "\(error)")
    }
}
