internal import FoundationEssentials

/// The files that a merge is made from, by the names that its card gives them.
enum InputFiles {
    /// The files of statistics that a recipe names.
    static func statistics(of recipe: Recipe) -> [(name: String, url: URL)] {
        let models = recipe.models + recipe.modules.flatMap(\.models)
        let files =
            models.compactMap(\.statistics) + [recipe.text("calibration")].compactMap(\.self)
        let unique = files.filter { !$0.isEmpty }.reduce(into: [String]()) { all, file in
            if !all.contains(file) { all.append(file) }
        }
        return zip(unique, ShortNames.of(unique.map { URL(filePath: $0).lastPathComponent })).map {
            (name: "statistics/\($1)", url: URL(filePath: $0))
        }
    }

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
