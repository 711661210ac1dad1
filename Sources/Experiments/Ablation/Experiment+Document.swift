public import Foundation
internal import Tasks

extension Experiment {
    /// Reads an experiment from a file.
    ///
    /// - Throws: ``RecipeError`` with everything that is wrong with the file or its recipe.
    public init(contentsOf file: URL, overrides: [String] = []) throws {
        let document = try RecipeDocument(contentsOf: file)
        let reading = RecipeReading(document, workingDirectory: nil)
        guard let map = reading.root else { throw reading.error }
        source = file
        let directory = file.absoluteURL.deletingLastPathComponent().standardizedFileURL
        title = map["title"]?.text() ?? directory.lastPathComponent
        question = map["question"]?.paragraph() ?? ""
        let changes = map["set"]?.changes() ?? []
        let seeds = map["seeds"]?.seeds() ?? []
        splits = map["measure"]?.measuredSplits() ?? []
        let base = map.required("recipe")?.recipeDocument(beside: file)
        var names: Set<String> = []
        let found = map.required("studies")?.filledList(of: "studies") { value in
            let study = value.map("a study").flatMap { Study.read($0, seeds: seeds) }
            if let study, !names.insert(study.name).inserted {
                value.report(.duplicateStudy(study.name))
            }
            return study
        }
        studies = found ?? []
        map.finish()
        guard reading.problems.isEmpty, var base else { throw reading.error }
        texts = try [file, base.file].compactMap(\.self).unique.map { try SourceText($0) }
        try base.set(changes, in: file)
        recipe = try base.overridden(by: overrides)
    }
}

extension Study {
    fileprivate static func read(_ map: MapReader, seeds: [UInt64]) -> Study? {
        let name = map.required("name")?.text()
        let note = map["note"]?.paragraph() ?? ""
        let changes = map["set"]?.changes() ?? []
        let own = map["seeds"]?.seeds()
        let found = Analyses.all.filter { map.has($0.key) }
        let axes = Axis.read(map)
        var content: Content = .runs(axes)
        if let form = found.first {
            let keys = found.map { $0.key } + Axis.keys.filter(map.has)
            if keys.count > 1 {
                map.reading.report(.oneOf(keys, found: keys), at: map.path, map.origin)
            }
            guard let value = map[form.key], let analysis = Analyses.read(form, value) else {
                return nil
            }
            content = .analysis(analysis)
        }
        // Known, so that messages list them.
        for form in Analyses.all { map.ignore(form.key) }
        map.finish()
        return name.map {
            Study(name: $0, note: note, changes: changes, seeds: own ?? seeds, content: content)
        }
    }
}

extension ValueReader {
    /// Keys of a recipe, each with its value.
    func changes() -> [RecipeChange]? {
        entries(of: "keys of the recipe and their values")?.compactMap { key, value in
            value.path(key).map { RecipeChange($0, value.value) }
        }
    }

    /// A key of a recipe, as `--set` spells it.
    func path(_ key: String) -> DocumentPath? {
        guard let (path, rest) = DocumentPath.assignment(key + "="), rest.isEmpty else {
            mismatch("the value of a key such as `parameters.steps`")
            return nil
        }
        return path
    }

    /// A text of one line or several, which is set as one.
    fileprivate func paragraph() -> String? {
        text()?.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    fileprivate func seeds() -> [UInt64]? {
        guard let seeds = filledList(of: "seeds", { $0.seed() }) else { return nil }
        guard Set(seeds).count == seeds.count else {
            mismatch("a list of different seeds")
            return nil
        }
        return seeds
    }

    fileprivate func measuredSplits() -> [SplitReference]? {
        guard let map = map() else { return nil }
        let splits = map["splits"]?.filledList(of: "splits") { $0.split() }
        map.finish()
        return splits
    }

    /// A recipe in a file of its own, or written out here.
    fileprivate func recipeDocument(beside file: URL) -> RecipeDocument? {
        if case .map = value.content { return RecipeDocument(value, file: file) }
        guard let path = self.file() else { return nil }
        do { return try RecipeDocument(contentsOf: URL(filePath: path)) } catch {
            report(.unreadableRecipe(path, reason: "\(error)"))
            return nil
        }
    }
}

extension RecipeDocument {
    /// Sets keys, which stand in another file.
    mutating func set(_ changes: [RecipeChange], in file: URL) throws {
        for change in changes {
            do {
                try root.set(change.value, at: change.path)
            } catch {
                throw RecipeError(file: file.relativePath, problems: [error])
            }
        }
    }
}
