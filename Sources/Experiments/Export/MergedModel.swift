public import Checkpoints
public import FoundationEssentials
internal import Merging
internal import Synchronization
internal import Tensors

/// A merged model that was written.
public struct WrittenModel: Sendable, Equatable {
    /// Its directory.
    public let directory: URL
    /// The number of its tensors.
    public let tensors: Int
    /// The number of their elements.
    public let elements: Int
    /// The files that it was made from.
    public let inputs: [ModelCard.Input]
}

/// A merged model on its way to a directory: whatever way its numbers come about, they are computed
/// and written here.
struct MergedModel: Sendable {
    /// What is computed.
    let blocks: MergedBlocks
    /// What is written.
    let tensors: [OutputTensor]
    /// The `config.json`, if there is one.
    let configuration: Data?
    /// The recipe in mergekit's schema, where that can say it.
    let mergekitRecipe: String?
    /// The model card, but for the hashes of the inputs.
    let card: ModelCard
    /// The files that it is made from, by the names that the card gives them.
    let inputs: [(name: String, url: URL)]
    /// What is to be said of how it was computed, once it is.
    var notes: @Sendable () -> [String] = { [] }
    /// Whatever else belongs to the model.
    let companions: [Companions]
    /// Changes what the copied files of the tokenizer say.
    var changeTokenizer: @Sendable (URL) throws -> Void = { _ in }

    /// Writes the directory, which is there in full or not at all.
    func write(
        to output: URL,
        _ options: OutputOptions,
        workers: Workers,
        observer: Observer
    ) throws -> WrittenModel {
        let companions =
            options.copiesTokenizer ? companions : companions.map { $0.leavingOut(.tokenizer) }
        for part in companions { try part.check() }
        return try OutputDirectory.write(to: output, replacing: options.replacing) { staging in
            let writer = try CheckpointWriter(
                directory: staging,
                tensors: tensors.map(\.declaration),
                shardLimit: options.shardLimit
            )
            var card = card
            card.inputs = try fill(writer, for: output, workers, observer)
            card.notes = notes()
            try writer.finish()
            if let configuration {
                try AtomicFile.write(configuration, to: staging.appending(path: "config.json"))
            }
            for part in companions { try part.copy(to: staging) }
            if options.copiesTokenizer { try changeTokenizer(staging) }
            if let mergekitRecipe {
                let file = staging.appending(path: "mergekit_config.yml")
                try AtomicFile.write(mergekitRecipe, to: file)
            }
            try AtomicFile.write(card.text(), to: staging.appending(path: "README.md"))
            return WrittenModel(
                directory: output,
                tensors: tensors.count,
                elements: tensors.reduce(0) { $0 + $1.shape.reduce(1, *) },
                inputs: card.inputs
            )
        }
    }

    /// Computes and writes all tensors, and hashes the inputs meanwhile: both read the same pages.
    private func fill(
        _ writer: CheckpointWriter,
        for output: URL,
        _ workers: Workers,
        _ observer: Observer
    ) throws -> [ModelCard.Input] {
        var names: [String: String] = [:]
        var stored: [(name: String, view: TensorView)] = []
        for tensor in tensors {
            switch tensor.content {
            case .merged(let parameter, _): names[parameter] = tensor.name
            case .stored(let view): stored.append((tensor.name, view))
            case .given(let numbers, _): try writer.write(tensor.name, numbers)
            }
        }
        let (places, copies) = (names, stored)
        let hashes = Mutex<[Int: String]>([:])
        let groups = try SHA256Hash.groups(of: inputs.map(\.url))
        observer.begin("merging", groups.count + copies.count + blocks.count)
        // Hashing files cannot be divided, so it begins first.
        try workers.forEach(groups.count + copies.count + blocks.count) { piece in
            if observer.isCancelled() { throw ExportError.interrupted(output: output.path) }
            defer { observer.advance(1) }
            if piece < groups.count {
                let found = try SHA256Hash.ofFiles(groups[piece].map { inputs[$0].url })
                hashes.withLock { hashes in
                    for (file, hash) in zip(groups[piece], found) { hashes[file] = hash }
                }
                return
            }
            if piece < groups.count + copies.count {
                let (name, view) = copies[piece - groups.count]
                try view.withBytes { try writer.write(name, bytes: $0, at: 0) }
                return
            }
            guard let block = try blocks.form(piece - groups.count - copies.count),
                let name = places[block.parameter.name]
            else { return }
            try block.elements.withSpan {
                try writer.write(name, $0, at: block.range.lowerBound)
            }
        }
        let found = hashes.withLock { $0 }
        return inputs.indices.map {
            ModelCard.Input(name: inputs[$0].name, sha256: found[$0] ?? "")
        }
    }
}

/// How a merged model is laid out on disk.
public struct OutputOptions: Sendable {
    /// What happens to a directory that stands in the place of the output.
    public var replacing: OutputDirectory.Replacement
    /// The bytes of tensors in a file; more are spread over several.
    public var shardLimit: Int
    /// Whether the tokenizer is copied.
    public var copiesTokenizer: Bool

    /// An output that replaces nothing, in files of five gigabytes and with the tokenizer, unless told
    /// otherwise.
    public init(
        replacing: OutputDirectory.Replacement = .never,
        shardLimit: Int = 5_000_000_000,
        copiesTokenizer: Bool = true
    ) {
        (self.replacing, self.shardLimit) = (replacing, shardLimit)
        self.copiesTokenizer = copiesTokenizer
    }
}
