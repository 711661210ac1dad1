internal import Checkpoints
internal import FoundationEssentials

/// The files that a merge is made from, by the names that its card gives them.
enum InputFiles {
    /// The files of statistics that a recipe names.
    static func statistics(of recipe: Recipe) -> [(name: String, url: URL)] {
        let models = recipe.models + recipe.modules.flatMap(\.models)
        let files =
            models.compactMap(\.statistics) + [recipe.text("calibration")].compactMap(\.self)
        let unique = files.filter { !$0.isEmpty }.unique
        return zip(unique, ShortNames.of(unique.map { URL(filePath: $0).lastPathComponent })).map {
            (name: "statistics/\($1)", url: URL(filePath: $0))
        }
    }

    /// The files of some models; where several models have one title, they are numbered.
    ///
    /// Where their vocabularies are merged, the files that say which tokens they have are among them.
    static func of(
        _ models: [SourceModel],
        merging vocabulary: MergedVocabulary? = nil
    ) -> [(name: String, url: URL)] {
        zip(models, ShortNames.of(models.map(\.reference.title))).flatMap { model, title in
            let files = model.files + (vocabulary?.sources[model.reference]?.tokenizerFiles ?? [])
            return files.map { file in
                let name = file.lastPathComponent
                return (name: title == name ? name : "\(title)/\(name)", url: file)
            }
        }
    }
}

extension ModelDirectory {
    /// The files that say which tokens a model has.
    fileprivate var tokenizerFiles: [URL] {
        companions.keeping(.tokenizer).files.map { url.appending(path: $0) }
    }
}
