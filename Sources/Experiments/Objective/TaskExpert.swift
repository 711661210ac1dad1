public import Autograd
public import Checkpoints
public import Foundation
public import Merging
public import Transformers

/// An expert as the owner of a task: its class of model, its configuration, and its head.
///
/// The head stays with its expert and is laid over whatever encoder the task is answered with.
public struct TaskExpert: Sendable {
    /// The name of the expert in messages and files.
    public let name: String
    /// Where the expert lies.
    public let directory: URL
    /// The class of the expert's model.
    public let architecture: Architecture
    /// The `config.json` of the expert's model.
    public let configuration: Data
    /// What the expert brings to a merge.
    public let member: ModelPool.Member
    /// The expert's parameters as far as they are its own: all of them, or what an adapter replaces.
    private let own: CheckpointParameters

    /// Opens an expert: a fine-tuned model, or an adapter of the base.
    public init(name: String, directory: ModelDirectory, base: ModelDirectory) throws {
        self.name = name
        self.directory = directory.url
        if let adapter = try directory.adapter() {
            member = ModelPool.Member(name: name, adapter: adapter)
            own = CheckpointParameters(adapter.replaced, named: name)
            configuration = try ClassifierConfiguration.of(
                adapter: adapter,
                in: directory,
                base: base
            )
        } else {
            let checkpoint = try directory.checkpoint()
            member = ModelPool.Member(name: name, checkpoint: checkpoint)
            own = CheckpointParameters(checkpoint, named: name)
            guard let json = directory.configuration else {
                throw ExperimentError.noConfiguration(directory.url.path)
            }
            configuration = json
        }
        architecture = try Architectures.of(configuration: configuration)
    }

    /// The names of the parameters that the encoder needs, as the class spells them.
    func trunkNames() throws -> [String] {
        try architecture.parameterShapes(configuration: configuration).keys
            .filter { !architecture.isHead($0) }.sorted()
    }

    /// The expert's model on an encoder that comes from somewhere else.
    public func model(on trunk: any ParameterSource) throws -> any Transformer {
        try architecture.model(
            configuration: configuration,
            from: HeadOverTrunk(
                head: own,
                trunk: trunk,
                prefix: architecture.prefix,
                isHead: architecture.isHead
            )
        )
    }

    /// The parameters of a dense expert's own encoder.
    var ownTrunk: any ParameterSource { own }

    /// The names of the classes, in the order of the model's outputs; `nil` where they are numbered.
    public var classNames: [String]? {
        let object = (try? JSONSerialization.jsonObject(with: configuration)) as? [String: Any]
        guard let table = object?["id2label"] as? [String: String] else { return nil }
        let names = (0..<table.count).compactMap { table[String($0)] }
        let areNumbered = names.enumerated().allSatisfy { $1 == "LABEL_\($0)" }
        return names.count == table.count && !areNumbered ? names : nil
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
