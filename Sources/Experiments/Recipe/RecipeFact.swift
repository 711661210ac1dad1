/// What can be wrong with a recipe.
enum RecipeFact: Equatable, Sendable {
    // The file.
    case unreadable(reason: String)
    case tooLarge(limit: Int)
    case notUTF8(offset: Int)
    case syntax(String)
    case secondDocument
    case tooDeep(limit: Int)
    case tooManyValues(limit: Int)

    // The YAML.
    case duplicateKey(String)
    case keyIsNotText
    case unknownAlias(String)
    case bareAsterisk
    case unsupportedTag(String)
    case unmergeable

    // The command line.
    case notAnAssignment
    case noElement(String, names: [String], count: Int)
    case noKeys(found: String)

    // The schema.
    case unknownKey(String, nearest: String?, known: [String])
    case misplacedKey(String, home: String)
    case missingKey(String)
    case mismatch(expected: String, found: String)
    case unknownName(kind: String, String, nearest: String?, known: [String])
    case noEffect(condition: String)
    case oneOf([String], found: [String])
    case empty(String)

    // Meaning.
    case fileNotFound(String, directories: [String])
    case malformedModel(String, reason: String)
    case optionOfWholeMerge(String)
    case layerCounts([Int])
    case duplicateTask(String)
    case duplicateStudy(String)
    case unreadableRecipe(String, reason: String)
    case taskWithoutModel(models: Int)
    case taskWithoutData(String)
    case mixedPrompts
    case warmupTooLong(Int, steps: Int)
}

extension RecipeProblem: CustomStringConvertible {
    /// A sentence that says what was expected, what was found and what to do.
    public var description: String {
        switch fact {
        case .unreadable(let reason): "the recipe cannot be read: \(reason)."
        case .tooLarge(let limit):
            "a recipe has at most \(limit) bytes; point to files for what is longer."
        case .notUTF8(let offset):
            "the recipe is not UTF-8 text: byte \(offset) belongs to no character."
        case .syntax(let problem): "this is not YAML: \(problem)."
        case .secondDocument:
            "a second YAML document begins here; a recipe is one document in a file of its own."
        case .tooDeep(let limit): "values are nested more than \(limit) deep here."
        case .tooManyValues(let limit):
            "the recipe holds more than \(limit) values, aliases expanded."

        case .duplicateKey(let key): "the key `\(key)` stands twice in one map; keep one of them."
        case .keyIsNotText: "a key must be plain text, not a list, a map or an alias."
        case .unknownAlias(let name): "the alias `*\(name)` refers to no anchor before it."
        case .bareAsterisk: "a text that begins with `*` must stand in quotes: \"*\"."
        case .unsupportedTag(let tag): "the tag `\(tag.abbreviated)` has no meaning in a recipe."
        case .unmergeable: "`<<` takes a map, or a list of maps."

        case .notAnAssignment:
            "an override is written `key.path=value`, as in `parameters.steps=100`."
        case .noElement(let name, let names, let count): noElement(name, names, count)
        case .noKeys(let found): "`\(path)` is \(found), which has no keys to set."

        case .unknownKey(let key, let nearest, let known):
            "unknown key `\(path.appending(key))`\(suggestion(nearest)); the keys here are "
                + "\(known.sorted().joined(separator: ", "))."
        case .misplacedKey(let key, let home) where home.isEmpty:
            "`\(key)` does not belong under `\(path)`; move it to the top level of the recipe."
        case .misplacedKey(let key, let home):
            "`\(path.appending(key))` does not belong here; move it under `\(home)`."
        case .missingKey(let key): "the key `\(path.appending(key))` is missing."
        case .mismatch(let expected, let found): "`\(path)` must be \(expected), found \(found)."
        case .unknownName(let kind, let name, let nearest, let known):
            "unknown \(kind) `\(name.abbreviated)` in `\(path)`\(suggestion(nearest)); known are "
                + "\(known.joined(separator: ", "))."
        case .noEffect(let condition): "`\(path)` only acts \(condition); remove it."
        case .oneOf(let keys, let found):
            "exactly one of \(listing(keys)) must be given, found "
                + "\(found.isEmpty ? "none" : (found.count == 2 ? "both " : "") + listing(found))."
        case .empty(let what): "`\(path)` is empty; it must hold \(what), or be left out."

        case .fileNotFound(let name, let directories):
            "`\(path)`: \(name.abbreviated) was not found in \(directories.joined(separator: " or "))."
        case .malformedModel(let name, let reason):
            "`\(path)`: \(name.abbreviated) is not a model: \(reason)."
        case .optionOfWholeMerge(let option):
            "`\(path)` is an option of the whole merge; move `\(option)` to the recipe's `parameters`."
        case .layerCounts(let counts):
            "the sources of one slice must have the same number of layers, those of `\(path)` "
                + "differ: \(counts.map(String.init).joined(separator: ", "))."
        case .duplicateTask(let name):
            "two tasks are called `\(name)`; give one of them another `name`."
        case .duplicateStudy(let name):
            "two studies are called `\(name)`; give one of them another `name`."
        case .unreadableRecipe(let file, let reason):
            "`\(path)`: \(file) is not a recipe that can be read: \(reason)"
        case .taskWithoutModel(let models):
            "`\(path)` has no model at its position among \(models); name its `model`."
        case .taskWithoutData(let name):
            "the task `\(name)` has no data; give its `data` under `tasks`, or its model's "
                + "`statistics`."
        case .mixedPrompts:
            "`\(path)` mixes templates, which contain {}, with texts of classes; give them apart as "
                + "`templates` and `classes`."
        case .warmupTooLong(let warmup, let steps):
            "`\(path)` is \(warmup) steps long, of \(steps) steps in all; shorten it."
        }
    }

    private func suggestion(_ nearest: String?) -> String {
        nearest.map { " (did you mean `\($0)`?)" } ?? ""
    }

    private func listing(_ names: [String]) -> String {
        names.map { "`\($0)`" }.joined(separator: names.count == 2 ? " and " : ", ")
    }

    private func noElement(_ name: String, _ names: [String], _ count: Int) -> String {
        let range = count == 0 ? "it is empty" : "it has elements 0 to \(count - 1)"
        let named = names.isEmpty ? "" : ", named \(names.joined(separator: ", "))"
        return "`\(path)` has no element `\(name)`: \(range)\(named)."
    }
}
