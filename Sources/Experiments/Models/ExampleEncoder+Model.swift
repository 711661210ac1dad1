internal import Foundation
internal import Images
internal import Tasks
internal import Tensors
internal import Tokenizers
internal import Transformers

extension ExampleEncoder {
    /// What encodes examples for a model.
    ///
    /// - Parameters:
    ///   - architecture: the class of the model, which reads texts or pictures.
    ///   - configuration: the `config.json` of the model, which limits how much it reads.
    ///   - directories: where a tokenizer or an image processor is looked for; the first that holds
    ///     one has it.
    ///   - maximumLength: how many tokens are read at most; `nil` for what the model reads.
    ///   - skipsBroken: whether pictures that cannot be decoded are left out.
    /// - Throws: an error of the files, or of limits that do not fit the tokenizer.
    init(
        for architecture: Architecture,
        configuration: Data,
        in directories: [URL],
        maximumLength: Int? = nil,
        skipsBroken: Bool = false
    ) throws {
        if let shape = try architecture.pictures(configuration: configuration) {
            let processor = try ImageProcessor.first(in: directories, configuration: configuration)
            self = .pictures(PictureEncoder(processor, for: shape, skipsBroken: skipsBroken))
        } else {
            self = .texts(
                try TextEncoder(
                    tokenizerIn: directories,
                    configuration: configuration,
                    maximumLength: maximumLength
                )
            )
        }
    }

    /// What encodes the data of a recipe for a model.
    init(
        for architecture: Architecture,
        configuration: Data,
        in directories: [URL],
        data: TaskData
    ) throws {
        try self.init(
            for: architecture,
            configuration: configuration,
            in: directories,
            maximumLength: data.maxLength,
            skipsBroken: data.skipBroken
        )
    }
}

extension ExampleEncoder {
    /// Encodes examples and tells how far it is; of pictures that are left out, how many.
    ///
    /// Texts are encoded in no time, so nothing is shown for them.
    func encode(
        _ examples: UnlabeledExamples,
        of place: String,
        workers: Workers,
        observer: Observer
    ) throws -> EncodedExamples {
        var progress: @Sendable (Int) -> Void = { _ in }
        if case .pictures = self {
            observer.begin("reading \(place)", examples.count)
            progress = observer.advance
        }
        let encoded = try encode(examples, workers: workers, progress: progress)
        if !encoded.skipped.isEmpty {
            observer.warn(
                "\(encoded.skipped.count) of the \(examples.count) pictures of \(place) cannot be "
                    + "read and are left out."
            )
        }
        return encoded
    }
}

extension TextEncoder {
    /// What encodes texts for a model of a configuration: as ``ExampleEncoder`` does.
    init(tokenizerIn directories: [URL], configuration: Data, maximumLength: Int?) throws {
        try self.init(
            tokenizer: Tokenizer.first(in: directories),
            limits: TextLimits(configuration: configuration),
            maximumLength: maximumLength
        )
    }
}

extension ImageProcessor {
    /// The name of the file that says how a model wants its pictures.
    static let fileName = "preprocessor_config.json"

    /// The processor of the first directory that has one; `nil` where none does.
    static func first(in directories: [URL], configuration: Data) throws -> ImageProcessor? {
        let files = directories.map { $0.appending(path: fileName) }
        guard
            let file = files.first(where: { FileManager.default.fileExists(atPath: $0.path) })
        else { return nil }
        let keys = (try? JSONSerialization.jsonObject(with: configuration)) as? [String: Any]
        do {
            return try ImageProcessor(
                configuration: Data(contentsOf: file),
                modelType: keys?["model_type"] as? String
            )
        } catch let error as ProcessorError {
            throw InputError.imageProcessor(file.path, reason: "\(error)")
        }
    }
}

extension Tokenizer {
    /// The tokenizer of the first directory that holds one; `nil` where none does.
    static func first(in directories: [URL]) throws -> Tokenizer? {
        try directories.first { Tokenizer.exists(in: $0) }.map { try Tokenizer(directory: $0) }
    }
}

extension TextLimits {
    /// The sizes of a model's tables, from its `config.json`.
    init(configuration: Data) {
        let file = (try? JSONSerialization.jsonObject(with: configuration)) as? [String: Any]
        // CLIP's describes its text tower in a part of its own.
        let keys = file?["text_config"] as? [String: Any] ?? file
        self.init(
            positions: keys?["max_position_embeddings"] as? Int,
            vocabulary: keys?["vocab_size"] as? Int,
            types: keys?["type_vocab_size"] as? Int
        )
    }
}

extension DataSource {
    /// The data of a recipe's task.
    init(_ data: TaskData) {
        self.init(
            path: URL(filePath: data.path),
            format: data.format,
            text: data.text,
            textPair: data.textPair,
            label: data.label,
            maximumLength: data.maxLength,
            skipsBroken: data.skipBroken
        )
    }
}
