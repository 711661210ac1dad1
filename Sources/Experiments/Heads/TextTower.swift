internal import Autograd
internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors
internal import Tokenizers
internal import Transformers

/// The text tower of a CLIP on disk and its tokenizer: what turns the names of classes into a head.
struct TextTower: Sendable {
    private let directory: ModelDirectory
    private let configuration: Data
    private let tokenizer: Tokenizer
    private let tokenizerDirectory: URL
    /// The most tokens of a text.
    private let maximumLength: Int

    /// The first of some model directories that holds a text tower, with the tokenizer beside it or
    /// beside another of them.
    init(of task: String, in directories: [ModelDirectory]) throws {
        let found = try directories.compactMap { directory in
            try directory.configuration.flatMap(CLIPTower.ofTexts).map { (directory, $0) }
        }.first
        let places = directories.map(\.url.path)
        guard let (directory, configuration) = found else {
            throw HeadError.noTextTower(task: task, places: places)
        }
        let holders = [directory.url] + directories.map(\.url)
        guard let holder = holders.first(where: { Tokenizer.exists(in: $0) }) else {
            throw HeadError.noTokenizer(task: task, places: places)
        }
        (self.directory, self.configuration) = (directory, configuration)
        tokenizer = try Tokenizer(directory: holder)
        tokenizerDirectory = holder
        let positions = TextLimits(configuration: configuration).positions ?? 77
        maximumLength = min(positions, tokenizer.maximumLength ?? positions)
    }

    /// The head of some classes, `[classes, width]`, as zero-shot CLIP has it (arXiv:2103.00020): of
    /// every class the mean of its texts' directions, as a direction.
    func head(
        classes: [String],
        templates: [String],
        workers: Workers,
        cache: HeadCache
    ) throws -> Tensor {
        let key = try key(classes, templates)
        return try cache.rows(key, count: classes.count) {
            try rows(classes, templates, workers)
        }
    }

    private func rows(
        _ classes: [String],
        _ templates: [String],
        _ workers: Workers
    ) throws -> Tensor {
        let checkpoint = try directory.checkpoint()
        let architecture = try Architectures.of(configuration: configuration)
        let tower = try architecture.model(
            configuration: configuration,
            from: CheckpointParameters(checkpoint, named: directory.reference)
        )
        // Pieces that do not depend on the number of workers: whole classes, about 64 texts.
        let size = max(1, 64 / templates.count)
        let pieces = try workers.map((classes.count + size - 1) / size) { piece in
            let names = classes[piece * size..<min((piece + 1) * size, classes.count)]
            let texts = names.flatMap { name in
                templates.map { $0.replacing("{}", with: name) }
            }
            let output = try tower(.tokens(TokenBatch(texts.map(ids))))
            guard let embeddings = output["text_embeds"] else {
                throw HeadError.noFeatures(
                    head: directory.reference,
                    outputs: output.entries.map(\.name)
                )
            }
            let sequences = Sequences(count: names.count, length: templates.count)
            return embeddings.unitRows().means(of: sequences).unitRows().value
        }
        return Tensor(joiningRowsOf: pieces)
    }

    /// The tokens of a text, cut to what the tower reads; the one that ends the text stays.
    private func ids(_ text: String) throws -> [Int32] {
        try tokenizer.encode(text, truncation: Truncation(maximumLength: maximumLength)).ids
    }
}

extension TextTower {
    /// A hash of everything that decides about a head.
    private func key(_ classes: [String], _ templates: [String]) throws -> String {
        let names = [
            "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
            "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt",
        ]
        let files =
            try directory.checkpoint().files + [directory.url.appending(path: "config.json")]
            + names.map { tokenizerDirectory.appending(path: $0) }
        let facts = [["head", Version.current, LinearAlgebra.kernel], classes, templates]
        let data = try JSONEncoder().encode(facts + files.compactMap(Self.facts))
        return SHA256Hash.of(data)
    }

    /// The path, the size and the time of the last change of a file; `nil` where there is none.
    private static func facts(of file: URL) -> [String]? {
        let path = file.resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
            return nil
        }
        let size = (attributes[.size] as? NSNumber)?.int64Value ?? 0
        let changed = (attributes[.modificationDate] as? Date)?.timeIntervalSinceReferenceDate
        return [path, "\(size)", "\(changed ?? 0)"]
    }
}
