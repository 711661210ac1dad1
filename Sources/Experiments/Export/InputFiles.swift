internal import FoundationEssentials

/// The files that a merge is made from, by the names that its card gives them.
enum InputFiles {
    /// The files of some models; where several models have one title, they are numbered.
    static func of(_ models: [SourceModel]) -> [(name: String, url: URL)] {
        zip(models, ShortNames.of(models.map(\.reference.title))).flatMap { model, title in
            model.files.map { file in
                let name = file.lastPathComponent
                return (name: title == name ? name : "\(title)/\(name)", url: file)
            }
        }
    }
}
