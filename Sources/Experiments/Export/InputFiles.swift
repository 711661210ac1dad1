internal import Checkpoints
internal import FoundationEssentials

/// The files that a merge is made from, by the names that its card gives them.
enum InputFiles {
    /// The files of some models; where several models have one title, they are numbered.
    ///
    /// Where their vocabularies are merged, the files that say which tokens they have are among them.
    static func of(
        _ models: [SourceModel],
        merging vocabulary: MergedVocabulary? = nil
    ) -> [(name: String, url: URL)] {
        zip(models, ShortNames.of(models.map(\.reference.title))).flatMap { model, title in
            let files = model.files + (vocabulary?.sources[model.reference]?.vocabularyFiles ?? [])
            return files.map { (name: "\(title)/\($0.lastPathComponent)", url: $0) }
        }
    }
}

extension ModelDirectory {
    /// The files that say which tokens a model has.
    fileprivate var vocabularyFiles: [URL] {
        ["tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "added_tokens.json"]
            .map { url.appending(path: $0) }
            .filter { FileManager.default.fileExists(atPath: $0.path) }
    }
}
