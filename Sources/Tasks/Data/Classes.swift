internal import Checkpoints
internal import FoundationEssentials

/// A label as it stands in a file.
enum Label: Hashable, Sendable {
    /// An integer.
    case index(Int)
    /// A text: the name of a class or, in formats that know only text, perhaps an integer.
    case name(String)
    /// Something that is no label.
    case invalid(found: String)
}

/// The classes of a task: which output of the model each label in a file means.
struct Classes: Sendable {
    /// The names of the classes in the order of the model's outputs, `nil` where nobody gives any.
    let names: [String]?
    /// The output of each name.
    private let outputs: [String: Int]
    /// The output of each integer in the file, `nil` where it is the integer itself.
    private let order: [Int]?

    /// The classes of a model or, where it has no names, those of `labels.json` beside the data, or
    /// else of the data themselves.
    ///
    /// Integers count the names of `labels.json`. Where these are names of the model as well, an
    /// integer means the output of that name, though the model may count in another order. A model
    /// that shares no name with the data (its own are LABEL_0, LABEL_1) counts as they do.
    init(model: [String]?, of file: DataFile) throws {
        let list = Self.list(beside: file.url)
        let data = try Self.names(in: list) ?? file.format.classNames(of: file.url)
        let own = Self.positions(of: model ?? data ?? [])
        names = model ?? data
        guard model != nil, let data else {
            (outputs, order) = (own, nil)
            return
        }
        let translated = data.compactMap { own[$0] }
        guard translated.isEmpty || translated.count == data.count else {
            throw DataError.otherClasses(list.path, unknown: data.filter { own[$0] == nil })
        }
        outputs = own.merging(Self.positions(of: data)) { own, _ in own }
        order = translated.isEmpty ? nil : translated
    }

    /// Where the names of a file's classes are looked for.
    static func list(beside file: URL) -> URL {
        file.deletingLastPathComponent().appending(path: "labels.json")
    }

    private static func positions(of names: [String]) -> [String: Int] {
        Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    }
}

extension Classes {
    /// The output that a label means.
    func output(of label: Label) -> Result<Int32, LineProblem> {
        switch label {
        case .index(let index): return output(of: index)
        case .name(let name):
            // Names come first: a class may be called “1” and be the first of all.
            if let output = outputs[name] { return inRange(output) }
            if let index = Int(name) { return output(of: index) }
            return .failure(.unknownClass(name, known: names))
        case .invalid(let found): return .failure(.notALabel(found: found))
        }
    }

    private func output(of index: Int) -> Result<Int32, LineProblem> {
        guard let order else { return inRange(index) }
        guard order.indices.contains(index) else {
            return .failure(.labelOutOfRange(index, count: order.count))
        }
        return inRange(order[index])
    }

    private func inRange(_ output: Int) -> Result<Int32, LineProblem> {
        guard output >= 0, output < names?.count ?? Int(Int32.max) else {
            return .failure(.labelOutOfRange(output, count: names?.count))
        }
        return .success(Int32(output))
    }
}

// MARK: - labels.json

extension Classes {
    /// The names in a `labels.json`, `nil` where there is no such file.
    private static func names(in file: URL) throws -> [String]? {
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        let data = Data(try contents(of: file))
        let decoder = JSONDecoder()
        let list =
            (try? decoder.decode([String].self, from: data))
            ?? (try? decoder.decode(Wrapped.self, from: data))?.labels
        guard let list, !list.isEmpty else {
            throw DataError.invalidLabelNames(file.path, repeated: nil)
        }
        var known: Set<String> = []
        if let name = list.first(where: { !known.insert($0).inserted }) {
            throw DataError.invalidLabelNames(file.path, repeated: name)
        }
        return list
    }

    private struct Wrapped: Decodable {
        let labels: [String]
    }
}
