public import Autograd
public import Checkpoints
public import Foundation
public import Merging
internal import Tensors
public import Transformers

/// An expert as the owner of a task: its class of model, its configuration, and its head.
///
/// The head stays with its expert and is laid over whatever encoder the task is answered with. It is
/// the expert's own classifier, or what a recipe puts in its place or behind a model without one.
public struct TaskExpert: Sendable {
    /// The name of the expert in messages and files.
    public let name: String
    /// Where the expert lies.
    public let directory: URL
    /// The class of model that answers: the expert's own, or the image tower of its CLIP.
    public let architecture: Architecture
    /// The `config.json` of that class.
    public private(set) var configuration: Data
    /// The `config.json` of the class that the expert is saved as.
    private(set) var savedConfiguration: Data
    /// What the expert brings to a merge.
    public let member: ModelPool.Member
    /// What stands in the place of its classifier, by the class's own names.
    private(set) var classifier: [String: Tensor] = [:]
    /// The file that this was read from.
    private(set) var classifierFile: URL?
    /// The expert's parameters as far as they are its own: all of them, or what an adapter replaces.
    private let own: CheckpointParameters
    /// A parameter that the class has and the expert takes from the base.
    let borrowed: String?
    /// Whether only the image tower of what is saved takes part.
    private let isTower: Bool
    /// What turns the features of a model without classifier into logits.
    private var head: LinearHead?

    /// Opens an expert: a fine-tuned model, or an adapter of the base.
    public init(name: String, directory: ModelDirectory, base: ModelDirectory) throws {
        self.name = name
        self.directory = directory.url
        var member: ModelPool.Member
        var weights: [String: TensorView]
        if let adapter = try directory.adapter() {
            member = ModelPool.Member(name: name, adapter: adapter)
            weights = adapter.replaced
            savedConfiguration = try ClassifierConfiguration.of(
                adapter: adapter,
                in: directory,
                base: base
            )
        } else {
            let checkpoint = try directory.checkpoint()
            member = ModelPool.Member(name: name, checkpoint: checkpoint)
            weights = checkpoint.names.reduce(into: [:]) { $0[$1] = checkpoint[$1] }
            guard let json = directory.configuration else {
                throw ExperimentError.noConfiguration(directory.url.path)
            }
            savedConfiguration = json
        }
        let saved = try Architectures.of(configuration: savedConfiguration)
        let tower = try CLIPTower.ofPictures(saved, savedConfiguration, base: base)
        architecture = tower?.architecture ?? saved
        configuration = tower?.configuration ?? savedConfiguration
        borrowed = tower?.borrowed?.name
        if let view = tower?.borrowed {
            weights[view.name] = view
            // Beside experts that bring their own it takes part in the merge, with no change.
            if member.lowRank == nil { member = member.borrowing(view) }
        }
        isTower = tower != nil
        self.member = Self.part(member, isTower: isTower)
        own = CheckpointParameters(weights, named: name)
    }

    /// What the expert brings to a merge that is not made around the base: an adapter with it.
    func member(over base: Checkpoint) throws -> ModelPool.Member {
        guard member.lowRank != nil, let adapter = try ModelDirectory(directory).adapter() else {
            return member
        }
        let whole = ModelPool.Member(name: name, checkpoint: base, adapter: adapter)
        return Self.part(whole, isTower: isTower)
    }

    /// What an adapter changes in the other tower is no part of a merge of this one.
    private static func part(_ member: ModelPool.Member, isTower: Bool) -> ModelPool.Member {
        isTower && member.lowRank != nil
            ? member.leavingOut(CLIPTower.isBesidePictures) : member
    }

    /// The names of the parameters that the encoder needs, as the class spells them.
    func trunkNames() throws -> [String] {
        try architecture.parameterShapes(configuration: configuration).keys
            .filter { !architecture.isHead($0) && $0 != borrowed }.sorted()
    }

    /// The expert's model on an encoder that comes from somewhere else.
    public func model(on trunk: any ParameterSource) throws -> any Transformer {
        try model(from: parameters(on: trunk))
    }

    /// The parameters of the expert's class of model: an encoder's, and its own head's.
    func parameters(on trunk: any ParameterSource) -> any ParameterSource {
        let replacement = ParameterTable(classifier.mapValues(Variable.init(constant:)))
        return over(trunk, head: classifier.isEmpty ? own : over(own, head: replacement))
    }

    /// The expert's model with all parameters of its class.
    func model(from parameters: any ParameterSource) throws -> any Transformer {
        let model = try architecture.model(configuration: configuration, from: parameters)
        return head.map { HeadedModel(model: model, head: $0) } ?? model
    }

    private func over(_ trunk: any ParameterSource, head: any ParameterSource) -> HeadOverTrunk {
        HeadOverTrunk(
            head: head,
            trunk: trunk,
            prefix: architecture.prefix,
            isHead: architecture.isHead
        )
    }

    /// Whether a parameter of its class is its own.
    func holds(_ name: String) -> Bool {
        ParameterNames.spellings(of: name, prefix: architecture.prefix)
            .contains(where: own.contains)
    }

    /// The parameters of a dense expert's own encoder.
    var ownTrunk: any ParameterSource { own }

    /// The names of the classes, in the order of the model's outputs; `nil` where they are numbered.
    public var classNames: [String]? {
        if let head { return head.classNames }
        let object = (try? JSONSerialization.jsonObject(with: configuration)) as? [String: Any]
        guard let table = object?["id2label"] as? [String: String] else { return nil }
        let names = (0..<table.count).compactMap { table[String($0)] }
        let areNumbered = names.enumerated().allSatisfy { $1 == "LABEL_\($0)" }
        return names.count == table.count && !areNumbered ? names : nil
    }
}

extension TaskExpert {
    /// The expert with another head: in the place of its classifier or, where it has none, on the
    /// features that it gives.
    ///
    /// The number of classes is that of the head's rows.
    ///
    /// - Throws: an error that names the task, the head, what was expected and what was found.
    func answering(_ task: String, with head: LinearHead) throws -> TaskExpert {
        let shapes = try architecture.parameterShapes(configuration: configuration)
        var copy = self
        if let features = architecture.features {
            try check(head, task, width: shapes[features]?.first)
            copy.head = head
            return copy
        }
        guard head.similarity == .dot else {
            throw HeadError.cosineOfClassifier(
                task: task,
                expert: name,
                architecture: architecture.name
            )
        }
        guard let place = architecture.headPrefixes.first, architecture.headPrefixes.count == 1
        else {
            throw HeadError.severalClassifiers(
                task: task,
                architecture: architecture.name,
                names: architecture.headPrefixes
            )
        }
        let shape = shapes["\(place).weight"] ?? []
        try check(head, task, width: shape.last)
        let classes = head.weight.shape[0]
        copy.classifier = [
            "\(place).weight": head.weight, "\(place).bias": head.bias ?? .zeros([classes]),
        ]
        copy.classifierFile = URL(filePath: head.name)
        if classes != shape.first {
            let labels = (0..<classes).map { "LABEL_\($0)" }
            let json = try ClassifierConfiguration.of(
                base: configuration,
                class: architecture.name,
                labels: labels
            )
            copy.configuration = try JSONEdit.of(json) { $0["num_labels"] = nil }
            copy.savedConfiguration = copy.configuration
        }
        return copy
    }

    private func check(_ head: LinearHead, _ task: String, width: Int?) throws {
        guard let width, head.weight.rowWidth != width else { return }
        throw HeadError.width(
            head: head.name,
            task: task,
            expert: name,
            expected: width,
            found: head.weight.rowWidth
        )
    }
}

/// A head and an encoder from two sources; what the encoder lacks belongs to the head.
struct HeadOverTrunk: ParameterSource {
    let head, trunk: any ParameterSource
    let prefix: String
    let isHead: @Sendable (String) -> Bool

    func parameter(named name: String, shape: [Int]) throws -> Variable {
        let place = place(of: name)
        return try place.source.parameter(named: place.name, shape: shape)
    }

    func rows(_ indices: [Int32], ofParameterNamed name: String, shape: [Int]) throws -> Variable {
        let place = place(of: name)
        return try place.source.rows(indices, ofParameterNamed: place.name, shape: shape)
    }

    func expect(parameterNamed name: String, shape: [Int]) throws {
        let place = place(of: name)
        try place.source.expect(parameterNamed: place.name, shape: shape)
    }

    func contains(_ name: String) -> Bool {
        let place = place(of: name)
        return place.source.contains(place.name)
    }

    private func place(of name: String) -> (source: any ParameterSource, name: String) {
        let spellings = ParameterNames.spellings(of: name, prefix: prefix)
        if !isHead(name), let known = spellings.first(where: trunk.contains) {
            return (trunk, known)
        }
        return (head, spellings.first(where: head.contains) ?? name)
    }
}
