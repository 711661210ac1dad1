internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tensors
internal import Transformers

/// A base model with a classifier put onto it: what it brings, and what has to be made.
struct ClassifierBase: Sendable {
    /// Where the base model lies.
    let directory: ModelDirectory
    /// The class of the classifier.
    let architecture: Architecture
    /// The `config.json` of the classifier.
    let configuration: Data
    /// The shape of every parameter, by the class's own names.
    let shapes: [String: [Int]]
    /// What the base model has of them.
    let weights: [String: TensorView]
    /// Whether there are no weights to begin from.
    let startsFromScratch: Bool
    /// The linear weights outside of the head, sorted.
    let linearWeights: [String]

    /// The parameters that the base model lacks, sorted: the head, and often a pooler.
    var missing: [String] { shapes.keys.filter { weights[$0] == nil }.sorted() }

    /// Puts a classifier for the given classes onto a base model.
    ///
    /// A head of the base model stays if it has the same classes, as it does where training goes on.
    init(_ base: BaseModel, labels: [String]) throws {
        guard let name = base.architecture.classifier, let known = Architectures.named(name) else {
            throw FinetuneError.noClassifier(architecture: base.architecture.name)
        }
        directory = base.directory
        architecture = known
        configuration = try Self.configuration(base.configuration, class: name, labels: labels)
        shapes = try known.parameterShapes(configuration: configuration)
        let keepsHead = base.labels == labels
        // A configuration without weights is a model that is trained from scratch.
        startsFromScratch = !base.directory.holdsWeights
        let checkpoint = startsFromScratch ? nil : try base.directory.checkpoint()
        weights = shapes.keys.reduce(into: [:]) { table, name in
            guard let checkpoint, keepsHead || !known.isHead(name) else { return }
            table[name] =
                ParameterNames.spellings(of: name, prefix: known.prefix)
                .lazy.compactMap { checkpoint[$0] }.first
        }
        linearWeights = try LinearWeights(of: known, configuration: configuration).names
            .filter { !known.isHead($0) }
        try check(base.directory.url.path)
    }

    private func check(_ path: String) throws {
        guard !startsFromScratch else { return }
        // Encoders saved without a pooler are common; any other part must be there.
        let missing = missing.filter { !architecture.isHead($0) && !$0.contains("pooler") }
        guard missing.isEmpty else { throw FinetuneError.missingParameters(missing, base: path) }
        let faults = weights.sorted { $0.key < $1.key }.compactMap { name, view in
            view.shape == shapes[name]
                ? nil
                : FinetuneError.ShapeFault(
                    name: view.name,
                    expected: shapes[name] ?? [],
                    found: view.shape
                )
        }
        guard faults.isEmpty else { throw FinetuneError.shapes(faults, base: path) }
    }

    /// The configuration without what the base model's own head may have left in it.
    private static func configuration(
        _ base: Data,
        class name: String,
        labels: [String]
    ) throws -> Data {
        let json = try ClassifierConfiguration.of(base: base, class: name, labels: labels)
        return try JSONEdit.of(json) { keys in
            keys["num_labels"] = nil
            keys["problem_type"] = nil
        }
    }
}

/// A base model before it is known what it shall learn.
struct BaseModel: Sendable {
    let directory: ModelDirectory
    let architecture: Architecture
    let configuration: Data

    init(_ reference: ModelReference) throws {
        guard reference.adapter == nil else {
            throw FinetuneError.adaptedBase(reference.description)
        }
        directory = try ModelDirectory(
            resolving: reference.model.description,
            relativeTo: []
        )
        guard let json = directory.configuration else {
            throw ExperimentError.noConfiguration(directory.url.path)
        }
        configuration =
            try reference.architecture.map { name in
                try JSONEdit.of(json) { $0["architectures"] = [name] }
            } ?? json
        architecture = try Architectures.of(configuration: configuration)
    }

    /// The names of the classes of the base model's own head; `nil` where it has none.
    var labels: [String]? {
        guard !architecture.headPrefixes.isEmpty else { return nil }
        let keys = (try? JSONSerialization.jsonObject(with: configuration)) as? [String: Any]
        guard let table = keys?["id2label"] as? [String: String] else { return nil }
        let names = (0..<table.count).compactMap { table[String($0)] }
        return names.count == table.count ? names : nil
    }
}

/// Changes the keys of a JSON object.
enum JSONEdit {
    static func of(_ json: Data, _ change: (inout [String: Any]) -> Void) throws -> Data {
        guard var keys = try? JSONSerialization.jsonObject(with: json) as? [String: Any] else {
            throw ConfigurationError.unreadable("it does not parse")
        }
        change(&keys)
        return try JSONSerialization.data(
            withJSONObject: keys,
            options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        )
    }
}
