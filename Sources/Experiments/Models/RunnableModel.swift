public import Autograd
public import Checkpoints
public import Foundation
internal import Merging
internal import Tasks
public import Tokenizers
public import Transformers

/// A model that can be run as it lies on disk: a model directory, or an adapter over its base.
public struct RunnableModel: Sendable {
    /// What the model was called where it was asked for.
    public let name: String
    /// The class of the model.
    public let architecture: Architecture
    /// The `config.json` of that class.
    public let configuration: Data
    /// The parameters, decoded when they are asked for.
    public let parameters: any ParameterSource
    /// The floating-point parameters by the names of the files, in their order.
    public let declarations: [TensorDeclaration]
    /// Where the tokenizer is looked for: the model's own directory, then the base's.
    private let directories: [URL]

    /// Opens a model by its path, or by its id in the local Hugging Face cache.
    ///
    /// - Parameters:
    ///   - reference: the path or id.
    ///   - base: the base of an adapter; `nil` takes the one that the adapter names, as a path from
    ///     the adapter, from the working directory, or as an id.
    /// - Throws: an error that names the file and what to do.
    public init(opening reference: String, base: String? = nil) throws {
        let here = URL(filePath: FileManager.default.currentDirectoryPath)
        let directory = try ModelDirectory(resolving: reference, relativeTo: [here])
        guard let adapter = try directory.adapter() else {
            try self.init(directory)
            return
        }
        let places = base == nil ? [directory.url, here] : [here]
        guard let named = base ?? adapter.configuration.baseModel else {
            throw RunnableModelError.noBase(adapter: reference)
        }
        let origin: ModelDirectory
        do { origin = try ModelDirectory(resolving: named, relativeTo: places) } catch {
            throw RunnableModelError.baseNotFound(adapter: reference, reason: "\(error)")
        }
        try self.init(adapter: adapter, in: directory, over: origin)
    }

    /// Opens the model of a directory.
    public init(_ directory: ModelDirectory) throws {
        guard let configuration = directory.configuration else {
            throw ExperimentError.noConfiguration(directory.url.path)
        }
        let checkpoint = try directory.checkpoint()
        name = directory.reference
        architecture = try Architectures.of(configuration: configuration)
        self.configuration = configuration
        parameters = CheckpointParameters(checkpoint, named: directory.reference)
        declarations = checkpoint.floatingPointDeclarations
        directories = [directory.url]
    }

    /// Lays an adapter over its base.
    public init(
        adapter: Adapter,
        in directory: ModelDirectory,
        over base: ModelDirectory
    ) throws {
        let adapted = try AdaptedParameters(
            adapter,
            named: directory.reference,
            over: base.checkpoint(),
            named: base.reference
        )
        name = directory.reference
        configuration = try Self.configuration(of: adapter, in: directory, over: base)
        architecture = try Architectures.of(configuration: configuration)
        parameters = adapted
        declarations = adapted.declarations
        directories = [directory.url, base.url]
    }

    /// The adapter's own configuration, that of a classifier where it has a head, or the base's.
    private static func configuration(
        of adapter: Adapter,
        in directory: ModelDirectory,
        over base: ModelDirectory
    ) throws -> Data {
        do {
            return try ClassifierConfiguration.of(adapter: adapter, in: directory, base: base)
        } catch ExperimentError.noHead {
            guard let own = base.configuration else {
                throw ExperimentError.noConfiguration(base.url.path)
            }
            return own
        }
    }
}

extension RunnableModel {
    /// Builds the model, from its own parameters unless others take their place.
    public func transformer(from source: (any ParameterSource)? = nil) throws -> any Transformer {
        try architecture.model(configuration: configuration, from: source ?? parameters)
    }

    /// The tokenizer, `nil` where neither the model's directory nor its base's holds one.
    public func tokenizer() throws -> Tokenizer? { try Tokenizer.first(in: directories) }

    /// What turns examples into the model's input, cut to so many tokens or to what it reads.
    func encoder(maximumLength: Int? = nil, skipsBroken: Bool = false) throws -> ExampleEncoder {
        try ExampleEncoder(
            for: architecture,
            configuration: configuration,
            in: directories,
            maximumLength: maximumLength,
            skipsBroken: skipsBroken
        )
    }

    /// What turns the texts into tokens that a model of pictures and texts compares pictures with.
    func textEncoder(maximumLength: Int? = nil) throws -> TextEncoder {
        try TextEncoder(
            tokenizerIn: directories,
            configuration: configuration,
            maximumLength: maximumLength
        )
    }
}

extension Checkpoint {
    /// The parameters that are numbers; position ids and other buffers are not among them.
    var floatingPointDeclarations: [TensorDeclaration] {
        names.compactMap { self[$0] }.filter(\.isFloatingPoint).map {
            TensorDeclaration(name: $0.name, dtype: .float32, shape: $0.shape)
        }
    }
}

/// Why a model cannot be run.
public enum RunnableModelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An adapter does not say what it was trained on.
    case noBase(adapter: String)
    /// The base that an adapter names is not there.
    case baseNotFound(adapter: String, reason: String)

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .noBase(let adapter):
            "\(adapter) is an adapter whose adapter_config.json names no base_model_name_or_path; "
                + "give the model that it was trained on with --base."
        case .baseNotFound(let adapter, let reason):
            "\(adapter) is an adapter, and \(reason), or name it with --base."
        }
    }
}
