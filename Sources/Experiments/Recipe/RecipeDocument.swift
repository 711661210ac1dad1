internal import Foundation
public import FoundationEssentials

/// A recipe as it is written: a tree of YAML values that know their lines, before any meaning.
///
/// Anchors, aliases and merge keys are expanded; `--set` overrides are applied. A document is
/// untrusted: its bytes, its depth and the values its aliases expand to are bounded.
public struct RecipeDocument: Sendable {
    /// The file that was read, or that relative paths stand beside.
    public let file: URL?
    var root: DocumentValue

    /// The longest recipe, in bytes.
    public static let longest = 1 << 20

    /// Reads a file and applies overrides of the form `key.path=value`, in their order.
    public init(contentsOf file: URL, overrides: [String] = []) throws {
        let data: Data
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            if attributes[.type] as? FileAttributeType == .typeDirectory {
                throw RecipeError(file: file.label, .unreadable(reason: "it is a directory"))
            }
            // A number object, as soon as anything in the process has loaded all of Foundation.
            let size = (attributes[.size] as? NSNumber)?.intValue
            guard size ?? 0 <= Self.longest else {
                throw RecipeError(file: file.label, .tooLarge(limit: Self.longest))
            }
            data = try Data(contentsOf: file)
        } catch let error as CocoaError {
            throw RecipeError(file: file.label, .unreadable(reason: error.reason))
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw RecipeError(file: file.label, .notUTF8(offset: data.lengthOfUTF8))
        }
        try self.init(text, file: file, overrides: overrides)
    }

    /// Reads a text as if it stood in `file`, and applies overrides.
    public init(_ text: String, file: URL? = nil, overrides: [String] = []) throws {
        self.file = file
        do {
            root = try DocumentParser.value(of: text)
        } catch {
            throw RecipeError(file: file.label, problems: [error])
        }
        try apply(overrides)
    }

    /// A value as if it were all that stood in `file`.
    init(_ root: DocumentValue, file: URL?) { (self.root, self.file) = (root, file) }

    /// The document with overrides of the form `key.path=value` applied, in their order.
    func overridden(by overrides: [String]) throws -> RecipeDocument {
        var copy = self
        try copy.apply(overrides)
        return copy
    }

    private mutating func apply(_ overrides: [String]) throws {
        var problems: [RecipeProblem] = []
        for override in overrides {
            do {
                try root.apply(override)
            } catch {
                problems.append(error)
            }
        }
        guard problems.isEmpty else { throw RecipeError(file: file.label, problems: problems) }
    }

    /// What messages call the document.
    var label: String { file.label }
}

extension RecipeError {
    fileprivate init(file: String, _ fact: RecipeFact) {
        self.init(file: file, problems: [RecipeProblem(fact, .generated)])
    }
}

extension CocoaError {
    fileprivate var reason: String {
        switch code {
        case .fileReadNoSuchFile: "there is no such file"
        case .fileReadNoPermission: "permission is denied"
        default: "reading it failed"
        }
    }
}

extension URL? {
    /// A file as it was named on the command line.
    fileprivate var label: String { self?.label ?? "recipe" }
}

extension URL {
    fileprivate var label: String { relativePath }
}

extension Data {
    /// How many bytes come before the first that belongs to no character.
    fileprivate var lengthOfUTF8: Int {
        var decoder = UTF8()
        var bytes = makeIterator()
        var length = 0
        while case .scalarValue(let scalar) = decoder.decode(&bytes) {
            length += UTF8.width(scalar)
        }
        return length
    }
}
