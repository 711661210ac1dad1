import Checkpoints
import Experiments
import Foundation
import Merging
import TestSupport
import Tensors
import Testing

@Suite struct `Task vectors are merged` {
    private let base = FixtureModels.base
    private let experts = FixtureModels.experts

    private func weights(_ directory: URL) throws -> Data? {
        try contents(of: directory)["model.safetensors"]
    }

    @Test func `each times its scale, by the code that merges experts`() throws {
        let folder = try ModelFolder()
        let files = try experts.enumerated().map { try folder.vector(of: $1, named: "\($0)").url }
        let scales = [0.5, 0.3, -0.2]
        try VectorApplication.run(base.path, adding: files, scales: scales, to: folder.file("a"))
        try Merge.run(
            Recipe("task_arithmetic", base: base, experts, weights: scales),
            to: folder.file("b")
        )
        try expectEqual(
            Checkpoint(at: folder.file("a")),
            Checkpoint(at: folder.file("b")),
            within: Tolerance(absolute: 1e-6)
        )
        let card = try String(contentsOf: folder.file("a/README.md"), encoding: .utf8)
        for file in files { #expect(card.contains(try SHA256Hash.ofFile(file))) }
        // mergekit reads no such files.
        #expect(try contents(of: folder.file("a"))["mergekit_config.yml"] == nil)
    }

    @Test func `and taken away by a negative scale`() throws {
        let folder = try ModelFolder()
        let file = try folder.vector(of: experts[0], named: "v").url
        try VectorApplication.run(base.path, adding: [file], scales: [-1], to: folder.file("m"))
        let (merged, origin) = try (Checkpoint(at: folder.file("m")), Checkpoint(at: base))
        for (name, vector) in try taskVector(experts[0]) {
            let start = try origin.view(name).tensor().elements
            let found = try merged.view(name).tensor().elements
            for i in vector.indices {
                #expect(abs(Double(found[i]) - (Double(start[i]) - vector[i])) < 1e-6)
            }
        }
    }

    @Test(arguments: ["ties", "dare_linear", "magmax", "slerp", "tsv_m", "linear", "sce"])
    func `by any method, as the experts are`(name: String) throws {
        let folder = try ModelFolder()
        let files = try experts.enumerated().map {
            try folder.vector(of: $1, as: .sparse(density: 1), named: "\($0)").url
        }
        let method = try MergeMethods.named(name)
        let all = [1.0, 0.5, 0.25]
        try method.write(base: base, experts, weights: all, to: folder.file("experts"))
        try method.write(base: base, files, weights: all, to: folder.file("vectors"))
        try expectEqual(
            Checkpoint(at: folder.file("vectors")),
            Checkpoint(at: folder.file("experts")),
            within: Tolerance(absolute: 2e-6)
        )
    }

    @Test func `by statistics of their experts, which need not be there`() throws {
        let folder = try ModelFolder()
        let weights = [1, 0.5, 0.25]
        try MergeMethods.named("regmean")
            .write(base: base, experts, weights: weights, to: folder.file("experts"))
        let files = try experts.enumerated().map { try folder.vector(of: $1, named: "\($0)").url }
        var recipe = Recipe("regmean", base: base, files, weights: weights)
        for index in files.indices {
            recipe.models[index].statistics = folder.file("statistics-\(index).safetensors").path
        }
        try Merge.run(recipe, to: folder.file("vectors"))
        try expectEqual(
            Checkpoint(at: folder.file("vectors")),
            Checkpoint(at: folder.file("experts")),
            within: Tolerance(absolute: 0)
        )
        // Statistics of another expert are still refused.
        recipe.models[1].statistics = recipe.models[0].statistics
        #expect(throws: StatisticsError.self) {
            try Merge.run(recipe, to: folder.file("mixed"))
        }
    }

    @Test(arguments: vectorLayouts)
    func `rounded to a format after they are added`(layout: TaskVectorLayout) throws {
        let folder = try ModelFolder()
        let file = try folder.vector(of: experts[0], as: layout, named: "v").url
        var recipe = Recipe("linear", base: base, [file], weights: [1])
        recipe.dtype = .bfloat16
        try Merge.run(recipe, to: folder.file("m"))
        let (merged, origin) = try (Checkpoint(at: folder.file("m")), Checkpoint(at: base))
        for (name, vector) in try storedVector(file) {
            let start = try origin.view(name).tensor().elements
            let found = try merged.view(name).tensor().elements
            for i in vector.indices {
                let sum = Double(start[i]) + vector[i]
                #expect(found[i].bitPattern & 0xFFFF == 0)
                #expect(abs(Double(found[i]) - sum) <= abs(sum) * 0x1p-8 + 1e-6, "\(name) \(i)")
            }
        }
    }

    @Test func `only beside their base`() throws {
        let folder = try ModelFolder()
        let file = try folder.vector(of: experts[0], named: "v").url
        let hashes = try [base, experts[1]].map {
            try SHA256Hash.ofFile($0.appending(path: "model.safetensors"))
        }
        let refusal = TaskVectorError.otherBase(
            file: file.path,
            base: "base",
            expected: hashes[0],
            other: "expert-1",
            found: hashes[1]
        )
        let output = folder.file("merged")
        #expect(throws: refusal) {
            try VectorApplication.run(experts[1].path, adding: [file], to: output)
        }
        #expect(throws: refusal) {
            try Merge.run(Recipe("ties", base: experts[1], [file], weights: [1]), to: output)
        }
        #expect(throws: refusal) {
            try VectorComparison.run(base: experts[1].path, models: [file.path, base.path])
        }
        #expect(throws: TaskVectorError.withoutBase(file: file.path)) {
            try Merge.run(Recipe("linear", base: nil, [file], weights: [1]), to: output)
        }
        #expect(throws: TaskVectorError.withoutBase(file: file.path)) {
            try Merge.run(Recipe("ties", base: file, [file], weights: [1]), to: output)
        }
        #expect(throws: TaskVectorError.noWholeBase(file.path)) {
            try VectorComparison.run(base: file.path, models: [base.path, base.path])
        }
        let weights = base.appending(path: "model.safetensors")
        #expect(throws: TaskVectorError.notAVector(file: weights.path, kind: nil)) {
            try VectorApplication.run(base.path, adding: [weights], to: output)
        }
        #expect(!FileManager.default.fileExists(atPath: output.path))
    }
}

@Suite struct `Files that only claim to be task vectors are refused` {
    private let folder: ModelFolder
    private let sound: URL

    init() throws {
        folder = try ModelFolder()
        sound = try folder.vector(
            of: FixtureModels.experts[0],
            as: .sparse(density: 0.5),
            named: "sound"
        ).url
    }

    private static let matrix = "pooler.dense.weight"

    /// The file with other metadata, or other tensors.
    private func changed(
        _ metadata: (inout [String: String]) -> Void = { _ in },
        tensors: (TensorView) throws -> SafeTensors.Content? = { .stored($0) }
    ) throws -> URL {
        let checkpoint = try Checkpoint(at: sound)
        var table = checkpoint.metadata
        metadata(&table)
        let contents = try checkpoint.names.compactMap { name in
            try tensors(checkpoint.view(name)).map { (name: name, content: $0) }
        }
        let file = folder.file("changed")
        try SafeTensors.write(contents, metadata: table, to: file)
        return file
    }

    private func expectRefusal(
        of file: URL,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: (any Error).self, sourceLocation: sourceLocation) {
            try VectorApplication.run(
                FixtureModels.base.path,
                adding: [file],
                to: folder.file("merged")
            )
        }
        let exists = FileManager.default.fileExists(atPath: folder.file("merged").path)
        #expect(!exists, sourceLocation: sourceLocation)
    }

    @Test(arguments: ["kind", "base", "expert", "layout", "relative_error", "norm", "parameters"])
    func `without what they must say`(key: String) throws {
        expectRefusal(of: try changed({ $0[key] = nil }))
    }

    @Test(arguments: [
        ("relative_error", "many"), ("norm", "-1"), ("norm", "nan"), ("parameters", "[1]"),
        ("parameters", "{"), ("parameters", "{}"), ("base", "0123"),
        ("parameters", #"{"x": {"shape": [-1], "layout": "zero", "relative_error": 1}}"#),
        (
            "parameters",
            #"{"x": {"shape": [9223372036854775807, 4], "layout": "zero", "relative_error": 1}}"#
        ),
        ("parameters", #"{"x": {"shape": [1e99], "layout": "dense", "relative_error": 1}}"#),
    ])
    func `with metadata that cannot be`(key: String, value: String) throws {
        expectRefusal(of: try changed({ $0[key] = value }))
    }

    @Test func `with parameters of another shape, or that the base lacks`() throws {
        for (old, new) in [
            ("\"shape\":[16,16]", "\"shape\":[256]"), ("pooler.dense", "pooler.sparse"),
            ("\"layout\":\"sparse\"", "\"layout\":\"low_rank\""),
            ("\"layout\":\"sparse\"", "\"layout\":\"dense\""),
        ] {
            expectRefusal(
                of: try changed({ $0["parameters"] = $0["parameters"]?.replacing(old, with: new) })
            )
        }
    }

    @Test func `whose entries do not fit`() throws {
        let name = Self.matrix
        let count = try Checkpoint(at: sound).view(name + ".places").count
        for starts: [Int64] in [
            [1, Int64(count)], [0, Int64(count) - 1], [0, -1], [0, .max], [0], [0, 1, 2],
        ] {
            let content = SafeTensors.Content.integers(starts, shape: [starts.count], .signed64)
            expectRefusal(
                of: try changed(tensors: { $0.name == name + ".starts" ? content : .stored($0) })
            )
        }
        for (first, second): (Int64, Int64) in [(5, 5), (6, 5), (0, 256), (0, 65_535)] {
            expectRefusal(
                of: try changed(tensors: { view in
                    guard view.name == name + ".places" else { return .stored(view) }
                    var places = try view.integers()
                    (places[0], places[1]) = (first, second)
                    return .integers(places, shape: [places.count], .unsigned16)
                })
            )
        }
        for value in [Float.nan, .infinity] {
            expectRefusal(
                of: try changed(tensors: { view in
                    guard view.name == name + ".values" else { return .stored(view) }
                    var values = try view.tensor().elements
                    values[3] = value
                    return .floats(Tensor([values.count], values))
                })
            )
        }
        expectRefusal(of: try changed(tensors: { $0.name == name + ".values" ? nil : .stored($0) }))
    }

    @Test func `whose factors do not fit`() throws {
        let file = try folder.vector(
            of: FixtureModels.experts[0],
            as: .lowRank(rank: 2),
            named: "factors"
        ).url
        let checkpoint = try Checkpoint(at: file)
        let name = Self.matrix
        for (suffix, shape) in [(".a", [3, 16]), (".a", [2, 17]), (".b", [32]), (".b", [16, 3])] {
            let tensors = try checkpoint.names.map { other in
                let content: SafeTensors.Content =
                    other == name + suffix
                    ? .floats(.zeros(shape)) : .stored(try checkpoint.view(other))
                return (name: other, content: content)
            }
            try SafeTensors.write(tensors, metadata: checkpoint.metadata, to: folder.file("f"))
            expectRefusal(of: folder.file("f"))
        }
    }

    @Test func `where they end early`() throws {
        let bytes = try Data(contentsOf: sound)
        let ends = [0, 7, 8, 100] + stride(from: 500, to: bytes.count - 1, by: bytes.count / 9)
        for end in ends + [bytes.count - 1] {
            try bytes.prefix(end).write(to: folder.file("cut"))
            expectRefusal(of: folder.file("cut"))
        }
    }
}
