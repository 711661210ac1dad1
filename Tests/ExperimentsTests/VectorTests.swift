import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import TestSupport
import Testing

@Suite struct `The file of a task vector` {
    private let base = FixtureModels.base
    private let experts = FixtureModels.experts

    @Test func `added to its base gives the expert, to the bit`() throws {
        let folder = try ModelFolder()
        for (index, expert) in experts.enumerated() {
            let vector = try folder.vector(of: expert, named: "\(index)")
            #expect(vector.result.relativeError == 0)
            try VectorApplication.run(base.path, adding: [vector.url], to: folder.file("m\(index)"))
            try expectEqual(
                Checkpoint(at: folder.file("m\(index)")),
                Checkpoint(at: expert),
                within: Tolerance(absolute: 0)
            )
        }
    }

    @Test func `of models in bfloat16 gives the expert, to the bit`() throws {
        let folder = try ModelFolder()
        let models = try ([base] + experts).enumerated().map { index, model in
            try folder.copy(model, as: "model-\(index)") { .rounded(try $0.tensor(), .bfloat16) }
        }
        for layout in [TaskVectorLayout.dense, .sparse(density: 1)] {
            let vector = try folder.vector(of: models[1], over: models[0], as: layout, named: "v")
            let output = folder.file("\(layout)")
            try VectorApplication.run(models[0].path, adding: [vector.url], to: output)
            #expect(
                try contents(of: output)["model.safetensors"]
                    == contents(of: models[1])["model.safetensors"]
            )
        }
    }

    @Test(arguments: vectorLayouts, [false, true])
    func `says the error that it makes`(layout: TaskVectorLayout, isHalf: Bool) throws {
        let folder = try ModelFolder()
        let vector = try folder.vector(of: experts[1], as: layout, isHalf: isHalf, named: "v")
        let (truth, stored) = (try taskVector(experts[1]), try storedVector(vector.url))
        let file = try TaskVectorFile(contentsOf: vector.url)
        var (squares, errors) = (0.0, 0.0)
        for (name, elements) in truth {
            let found = try #require(stored[name])
            let square = elements.reduce(0) { $0 + $1 * $1 }
            let error = zip(elements, found).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            let stated = try #require(file.parameters[name]).relativeError
            #expect(abs(stated - (error / square).squareRoot()) < 1e-6, "\(name)")
            (squares, errors) = (squares + square, errors + error)
        }
        let error = (errors / squares).squareRoot()
        #expect(abs(file.relativeError - error) < 1e-6)
        #expect(abs(file.norm - squares.squareRoot()) < 1e-6 * file.norm)
        #expect(vector.result.relativeError == file.relativeError)
        #expect((error < 1e-6) == (!isHalf && (layout == .dense || layout == .sparse(density: 1))))
    }

    @Test(arguments: [0.001, 0.01, 0.1, 0.5, 0.99])
    func `keeps exactly the largest entries of the whole model`(density: Double) throws {
        let folder = try ModelFolder()
        let file = try folder.vector(of: experts[0], as: .sparse(density: density), named: "v").url
        let (truth, stored) = (try taskVector(experts[0]), try storedVector(file))
        let pairs = truth.flatMap { name, elements in zip(elements, stored[name] ?? []) }
        let kept = pairs.filter { $0.1 != 0 }
        #expect(kept.count == max(1, Int(density * Double(pairs.count))))
        let least = try #require(kept.map { abs($0.0) }.min())
        let largest = try #require(pairs.filter { $0.1 == 0 }.map { abs($0.0) }.max())
        #expect(least >= largest)
        for (element, found) in kept { #expect(Float(element) == Float(found)) }
    }

    @Test func `keeps of equal entries those that come first`() throws {
        let folder = try ModelFolder()
        // Changes of three sizes, so that most entries have the size of the threshold.
        let expert = try folder.copy(base, as: "expert") { view in
            let elements = try view.tensor().elements.enumerated().map { index, element in
                let size: Float = index % 50 == 0 ? 64 : index % 3 == 0 ? 8 : 0.5
                return (element * 16).rounded() / 16 + (index % 2 == 0 ? size : -size)
            }
            return .floats(Tensor(view.shape, elements))
        }
        let rounded = try folder.copy(base, as: "base") { view in
            .floats(
                Tensor(view.shape, try view.tensor().elements.map { ($0 * 16).rounded() / 16 })
            )
        }
        let file = try folder.vector(
            of: expert,
            over: rounded,
            as: .sparse(density: 0.2),
            named: "v"
        ).url
        let stored = try storedVector(file)
        let names = try Checkpoint(at: rounded).names
        let truth = try taskVector(expert, over: rounded)
        let all = names.flatMap { truth[$0] ?? [] }
        let order = all.indices.sorted { (-abs(all[$0]), $0) < (-abs(all[$1]), $1) }
        var expected = Array(repeating: 0.0, count: all.count)
        for place in order.prefix(all.count / 5) { expected[place] = all[place] }
        #expect(
            names.flatMap { stored[$0] ?? Array(repeating: 0, count: truth[$0]?.count ?? 0) }
                == expected
        )
    }

    @Test func `of low rank is as near as any of that rank`() throws {
        let folder = try ModelFolder()
        let rank = 3
        let file = try folder.vector(of: experts[2], as: .lowRank(rank: rank), named: "v").url
        let (truth, checkpoint) = (try taskVector(experts[2]), try Checkpoint(at: base))
        for (name, parameter) in try TaskVectorFile(contentsOf: file).parameters {
            let shape = parameter.shape
            let pays = shape.count == 2 && rank * (shape[0] + shape[1]) < shape[0] * shape[1]
            #expect(parameter.layout == (pays ? .lowRank : .dense))
            guard pays, let elements = truth[name] else { continue }
            // LAPACK's decomposition of the matrix itself, where the file's comes from eigenvectors.
            let values = SingularVectors(
                of: Matrix(Tensor(shape, elements.map { Float($0) })),
                by: .direct
            ).values
            let rest = values.dropFirst(rank).reduce(0) { $0 + $1 * $1 }
            let all = values.reduce(0) { $0 + $1 * $1 }
            #expect(abs(parameter.relativeError - (rest / all).squareRoot()) < 1e-6, "\(name)")
        }
        #expect(checkpoint.names.count == truth.count)
    }

    @Test(arguments: vectorLayouts)
    func `has the same bytes for any number of threads`(layout: TaskVectorLayout) throws {
        let folder = try ModelFolder()
        for count in [1, 2, 5] {
            let workers = Workers(count)
            try folder.vector(of: experts[0], as: layout, named: "v\(count)", workers: workers)
        }
        let first = try Data(contentsOf: folder.file("v1"))
        #expect(try Data(contentsOf: folder.file("v2")) == first)
        #expect(try Data(contentsOf: folder.file("v5")) == first)
    }

    @Test func `leaves out what was not changed, and refuses where nothing was`() throws {
        let folder = try ModelFolder()
        let expert = try folder.copy(base, as: "expert") { view in
            view.name.contains("layer.1")
                ? .floats(try view.tensor() * 1.5) : .stored(view)
        }
        let file = try folder.vector(of: expert, named: "v").url
        let names = try TaskVectorFile(contentsOf: file).names
        #expect(!names.isEmpty && names.allSatisfy { $0.contains("layer.1") })
        try VectorApplication.run(base.path, adding: [file], to: folder.file("merged"))
        try expectEqual(
            Checkpoint(at: folder.file("merged")),
            Checkpoint(at: expert),
            within: Tolerance(absolute: 0)
        )
        let error = #expect(throws: TaskVectorError.self) {
            try folder.vector(of: base, named: "none")
        }
        #expect(error == .nothingChanged(base: "base", expert: "base"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("none").path))
    }

    @Test func `is inspected with its models and its errors`() throws {
        let folder = try ModelFolder()
        let file = try folder.vector(of: experts[0], as: .sparse(density: 0.1), named: "v").url
        let inspection = try Inspections.of(file)
        let text = inspection.text(width: 80)
        let hash = try SHA256Hash.ofFile(base.appending(path: "model.safetensors"))
        #expect(text.contains("a task vector: sparse, density 0.1"))
        #expect(text.contains("pooler.dense.weight"))
        let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(inspection))
        let keys = try #require(json as? [String: Any])
        #expect(keys["kind"] as? String == "task_vector" && keys["base"] as? String == hash)
        #expect((keys["parameters"] as? [Any])?.count == 39)
    }
}

@Suite struct `Task vectors of an adapter` {
    private let fixture = Golden.repository.appending(path: "Tests/Fixtures/adapter/bert")
    private var base: URL { fixture.appending(path: "base") }
    private var adapter: URL { fixture.appending(path: "adapter") }

    @Test func `of its rank are exact, and merge to the same bytes`() throws {
        let folder = try ModelFolder()
        let rank = 64
        let vector = try folder.vector(
            of: adapter,
            over: base,
            as: .lowRank(rank: rank),
            named: "v"
        )
        #expect(vector.result.relativeError == 0)
        #expect(vector.result.parameters.contains { $0.layout == "low_rank" })
        for (name, model) in [("adapter", adapter), ("vector", vector.url)] {
            try Merge.run(
                Recipe("task_arithmetic", base: base, [model], weights: [0.7]),
                to: folder.file(name)
            )
        }
        #expect(
            try contents(of: folder.file("adapter"))["model.safetensors"]
                == contents(of: folder.file("vector"))["model.safetensors"]
        )
    }

    @Test func `of less than its rank are the nearest`() throws {
        let folder = try ModelFolder()
        let vector = try folder.vector(of: adapter, over: base, as: .lowRank(rank: 1), named: "v")
        let isSmaller = vector.result.relativeError < 1
        #expect(vector.result.relativeError > 0.01 && isSmaller)
        let stored = try storedVector(vector.url)
        let dense = try folder.vector(of: adapter, over: base, named: "d")
        let truth = try storedVector(dense.url)
        var (squares, errors) = (0.0, 0.0)
        for (name, elements) in truth {
            for (element, found) in zip(elements, try #require(stored[name])) {
                squares += element * element
                errors += (element - found) * (element - found)
            }
        }
        #expect(abs((errors / squares).squareRoot() - vector.result.relativeError) < 1e-6)
    }
}
