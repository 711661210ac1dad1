import Checkpoints
import Experiments
import Foundation
import Merging
import Tasks
import TestSupport
import Tensors
import Testing

/// A place for the models of a test, removed with the last reference to it.
final class ModelFolder {
    let url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        .appending(path: "merge-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appending(path: name) }

    /// A copy of a model, its tensors changed where `change` says so.
    func copy(
        _ model: URL,
        as name: String,
        adding extra: [(name: String, content: SafeTensors.Content)] = [],
        _ change: (TensorView) throws -> SafeTensors.Content? = { .stored($0) }
    ) throws -> URL {
        let copy = file(name)
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: model.appending(path: "config.json"),
            to: copy.appending(path: "config.json")
        )
        let checkpoint = try Checkpoint(at: model)
        let tensors = try checkpoint.names.compactMap { name in
            try change(checkpoint.view(name)).map { (name: name, content: $0) }
        }
        try SafeTensors.write(
            tensors + extra,
            metadata: ["format": "pt"],
            to: copy.appending(path: "model.safetensors")
        )
        return copy
    }
}

/// The models of our own fixtures: a BERT base and three experts.
enum FixtureModels {
    static let folder = Golden.repository.appending(path: "Tests/Fixtures/merge/models/bert")
    static let base = folder.appending(path: "base")
    static let experts = (0..<3).map { folder.appending(path: "expert-\($0)") }
}

extension ModelReference {
    init(_ directory: URL) { self.init(.init(.directory(directory.path))) }
}

extension Recipe {
    /// A merge of models with one weight each.
    init(
        _ method: String,
        base: URL?,
        _ models: [URL],
        weights: [Double],
        parameters: [String: Setting] = [:]
    ) {
        self.init(
            mergeMethod: method,
            baseModel: base.map { ModelReference($0) },
            models: zip(models, weights).map {
                RecipeModel(ModelReference($0), parameters: ["weight": .scalar(.number($1))])
            },
            parameters: parameters
        )
    }
}

extension MergeMethod {
    /// The method's merge of some models, written as the program writes it.
    ///
    /// A learned method has weights too: the coefficients of its task vectors.
    func write(
        base: URL,
        _ models: [URL],
        weights: [Double],
        statistics: SampleStatistics = .random,
        names: [String: String] = [:],
        to output: URL,
        workers: Workers = Workers(2)
    ) throws {
        guard case .learned = kind else {
            // Some methods merge few models; some have no weights.
            let models = Array(models.prefix(card.counts.upperBound))
            var recipe = Recipe(card.name, base: base, models, weights: weights)
            if !card.options.contains(where: { $0.name == "weight" }) {
                for index in models.indices { recipe.models[index].parameters = [:] }
            }
            // What has no default is no weight, but a share or a step.
            for option in card.options where option.fallback == nil && option.name != "weight" {
                recipe.parameters[option.name] = .scalar(.number(0.5))
            }
            for (option, name) in names { recipe.parameters[option] = .scalar(.text(name)) }
            // A share of entries that is dropped or trimmed, which shows more than none.
            if card.options.contains(where: { $0.name == "density" }) {
                recipe.parameters["density"] = .scalar(.number(0.6))
            }
            if case .fromStatistics(let kind, _) = kind {
                recipe.parameters["kind"] = kind == .fisher ? .scalar(.text("exact")) : nil
                for index in models.indices {
                    let file = output.deletingLastPathComponent()
                        .appending(path: "statistics-\(index).safetensors")
                    try writeStatistics(
                        kind,
                        statistics,
                        of: models[index],
                        base: base,
                        seed: UInt64(1000 * weights[index]),
                        to: file
                    )
                    recipe.models[index].statistics = file.path
                }
            }
            if case .blockByBlock = kind {
                recipe.tasks = try models.enumerated().map { index, model in
                    let file = output.deletingLastPathComponent()
                        .appending(path: "texts-\(index).safetensors")
                    try writeTexts(seed: UInt64(1000 * weights[index]), to: file)
                    let all = SplitReference(split: "all")
                    return RecipeTask(
                        "task-\(index)",
                        model: ModelReference(model),
                        data: TaskData(file.path),
                        adapt: all,
                        evaluate: all
                    )
                }
            }
            try Merge.run(recipe, to: output, workers: workers)
            return
        }
        let recipe = Recipe(
            mergeMethod: card.name,
            baseModel: ModelReference(base),
            models: models.map { RecipeModel(ModelReference($0)) },
            learning: MethodSignature.all[card.name]?.learning
        )
        let setup = try MergeSetup(recipe)
        var coefficients = Coefficients(
            .tensor,
            models: setup.pool.experts,
            parameters: setup.pool.parameters.map(\.name),
            initial: 0
        )
        coefficients.lambda = coefficients.groups.map { _ in weights.map { Float($0) } }
        try Export.write(coefficients, of: setup, to: output, workers: workers)
    }
}

/// Texts of random tokens.
private func writeTexts(seed: UInt64, to file: URL) throws {
    var generator = SeededGenerator(seed: seed, "texts")
    let ids = (0..<40 * 8).map { _ in Int64(1 + generator.next() % 30) }
    try SafeTensors.write(
        [("input_ids", .integers(ids, shape: [40, 8], .signed64))],
        metadata: [:],
        to: file
    )
}

/// What the statistics of a test say.
enum SampleStatistics {
    /// Gram matrices of random rows, or random information.
    case random
    /// Inputs alike in all directions, or the same information everywhere.
    case even
}

/// Statistics of a model or adapter.
private func writeStatistics(
    _ kind: StatisticsFile.Kind,
    _ sample: SampleStatistics,
    of model: URL,
    base: URL,
    seed: UInt64,
    to file: URL
) throws {
    let isAdapter = try ModelDirectory(model).isAdapter
    let checkpoint = try Checkpoint(at: isAdapter ? base : model)
    let adapter = isAdapter ? [model.appending(path: "adapter_model.safetensors")] : []
    let hashes = try (adapter + checkpoint.files).map { try SHA256Hash.ofFile($0) }
    let list = Data(hashes.map { $0 + "\n" }.joined().utf8)
    let hash = hashes.count == 1 ? hashes[0] : SHA256Hash.of(list)
    var rows: [String: Int] = [:]
    var tensors: [(name: String, content: SafeTensors.Content)] = []
    for view in try checkpoint.views(checkpoint.names) where view.isFloatingPoint {
        let isMap = view.shape.count == 2 && !view.name.contains("embeddings")
        guard kind == .fisher || isMap else { continue }
        var generator = SeededGenerator(seed: seed, view.name)
        let shape = kind == .gram ? [2 * view.shape[1], view.shape[1]] : view.shape
        let random = Tensor(shape, (0..<shape.reduce(1, *)).map { _ in generator.normal() })
        rows[view.name] = shape[0]
        let width = view.shape.last ?? 1
        let content =
            switch (kind, sample) {
            case (.gram, .even): identity(width, times: Float(shape[0])).triangle()
            case (.gram, .random): random.gram().triangle()
            case (_, .even): Tensor(shape, repeating: 0.25)
            case (_, .random): random * random
            }
        tensors.append((view.name, .floats(content)))
    }
    let provenance = StatisticsFile.Provenance(
        model: hash,
        data: "",
        split: "all",
        examples: 1,
        labels: kind == .fisher ? .exact : nil,
        version: "test"
    )
    try SafeTensors.write(tensors, metadata: provenance.metadata(kind, rows: rows), to: file)
}

private func identity(_ width: Int, times factor: Float) -> Tensor {
    Tensor([width, width], (0..<width * width).map { $0 % (width + 1) == 0 ? factor : 0 })
}

/// The tensors of two files, one by one, and all their differences together where `rms` is given.
func expectEqual(
    _ found: Checkpoint,
    _ expected: Checkpoint,
    within tolerance: Tolerance,
    rms: Double? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    #expect(Set(found.names) == Set(expected.names), sourceLocation: sourceLocation)
    var (squares, count) = (0.0, 0)
    for name in expected.names {
        guard let tensor = found[name] else { continue }
        let reference = try expected.view(name)
        #expect(tensor.dtype == reference.dtype, "\(name)", sourceLocation: sourceLocation)
        #expect(tensor.shape == reference.shape, "\(name)", sourceLocation: sourceLocation)
        let excess = try tolerance.excess(
            of: tensor.tensor().elements,
            over: reference.tensor().elements
        )
        #expect(excess <= 0, "\(name) is off by \(excess)", sourceLocation: sourceLocation)
        let difference = try tensor.tensor() - reference.tensor()
        squares += difference.dot(difference)
        count += difference.count
    }
    guard let rms else { return }
    let found = (squares / Double(max(count, 1))).squareRoot()
    #expect(
        found <= rms,
        "the differences' root mean square is \(found)",
        sourceLocation: sourceLocation
    )
}

/// The bytes of every file of a directory by name.
func contents(of directory: URL) throws -> [String: Data] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).reduce(into: [:]) {
        $0[$1] = try Data(contentsOf: directory.appending(path: $1))
    }
}

/// The numbers of a `config.json` by key.
func numbers(of file: URL) throws -> [String: Double] {
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    return (object as? [String: Any] ?? [:]).compactMapValues { ($0 as? NSNumber)?.doubleValue }
}
