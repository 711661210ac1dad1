internal import FoundationEssentials

/// The files that a merge is made from, by the names that its card gives them.
enum InputFiles {
    /// The files of some models; where several models have one title, they are numbered.
    static func of(_ models: [SourceModel]) -> [(name: String, url: URL)] {
        zip(models, ShortNames.of(models.map(\.reference.title))).flatMap { model, title in
            model.files.map { (name: "\(title)/\($0.lastPathComponent)", url: $0) }
        }
    }
}
