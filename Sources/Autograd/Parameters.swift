internal import Tensors

/// Where a model's parameters come from: a checkpoint, an initializer, or a merge.
public protocol ParameterSource: Sendable {
    /// The parameter of a name, which must have the given shape.
    func parameter(named name: String, shape: [Int]) throws -> Variable

    /// Some rows of a parameter that is a table `[rows, width]`.
    ///
    /// A batch reads few rows of an embedding; sources that can give those without forming the
    /// whole table do so here.
    func rows(_ indices: [Int32], ofParameterNamed name: String, shape: [Int]) throws -> Variable

    /// Throws unless there is a parameter of this name and shape; reads none of its elements.
    func expect(parameterNamed name: String, shape: [Int]) throws

    /// Whether there is a parameter of this name.
    func contains(_ name: String) -> Bool
}

extension ParameterSource {
    /// Asks for the parameter and drops it.
    public func expect(parameterNamed name: String, shape: [Int]) throws {
        _ = try parameter(named: name, shape: shape)
    }

    /// Reads the whole table and picks the rows.
    public func rows(
        _ indices: [Int32],
        ofParameterNamed name: String,
        shape: [Int]
    ) throws -> Variable {
        try parameter(named: name, shape: shape).rows(indices)
    }
}

/// Why a model could not be built from its parameters.
public enum ParameterError: Error, Equatable, CustomStringConvertible {
    /// The source has no parameter of this name.
    case missing(name: String, shape: [Int], source: String)
    /// The parameter has another shape than the configuration says.
    case shapeMismatch(name: String, expected: [Int], found: [Int], source: String)
    /// A row of a table was asked for that it does not have.
    case rowOutOfRange(name: String, row: Int, rows: Int)

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .missing(let name, let shape, let source):
            "\(source) has no parameter \(name), which the configuration says has shape \(shape); "
                + "check that config.json belongs to these weights."
        case .shapeMismatch(let name, let expected, let found, let source):
            "\(source): parameter \(name) has shape \(found), but the configuration says "
                + "\(expected); check that config.json belongs to these weights."
        case .rowOutOfRange(let name, let row, let rows):
            "The input asks for row \(row) of \(name), which has \(rows) rows; "
                + "check that the tokenizer belongs to this model and that texts are truncated."
        }
    }
}

extension Optional {
    /// What a source found under a name, if it is there in the shape that a model asks for.
    ///
    /// - Throws: ``ParameterError`` that names the parameter, both shapes and the source.
    package func orMissing(
        _ name: String,
        _ shape: [Int],
        in source: String,
        shapedAs found: (Wrapped) -> [Int]
    ) throws(ParameterError) -> Wrapped {
        guard let self else { throw .missing(name: name, shape: shape, source: source) }
        guard found(self) == shape else {
            throw .shapeMismatch(name: name, expected: shape, found: found(self), source: source)
        }
        return self
    }
}

/// A cursor into a source: `p["encoder"]["layer"][3]` walks the checkpoint's own names.
public struct Parameters: Sendable {
    /// Where the parameters come from.
    public let source: any ParameterSource
    /// The name walked so far, such as `encoder.layer.3`.
    public let path: String

    /// The root of a source.
    public init(_ source: any ParameterSource) { self.init(source, path: "") }

    private init(_ source: any ParameterSource, path: String) {
        (self.source, self.path) = (source, path)
    }

    /// One step down by name.
    public subscript(name: String) -> Parameters {
        Parameters(source, path: path.isEmpty ? name : "\(path).\(name)")
    }

    /// One step down into a list.
    public subscript(index: Int) -> Parameters { self[String(index)] }

    /// The parameter of this name below the cursor.
    public func callAsFunction(_ name: String, _ shape: Int...) throws -> Variable {
        try source.parameter(named: self[name].path, shape: shape)
    }

    /// The parameter of this name below the cursor, where there is one.
    public func ifPresent(_ name: String, _ shape: Int...) throws -> Variable? {
        let path = self[name].path
        return source.contains(path) ? try source.parameter(named: path, shape: shape) : nil
    }
}

/// A source that holds its parameters in memory.
public struct ParameterTable: ParameterSource {
    /// The parameters by name.
    public var variables: [String: Variable]
    /// What errors call this source.
    public var name: String

    /// A source of the given parameters.
    public init(_ variables: [String: Variable], named name: String = "the model") {
        (self.variables, self.name) = (variables, name)
    }

    /// The parameter of a name.
    public func parameter(named name: String, shape: [Int]) throws -> Variable {
        try variables[name].orMissing(name, shape, in: self.name, shapedAs: \.shape)
    }

    /// Whether there is a parameter of this name.
    public func contains(_ name: String) -> Bool { variables[name] != nil }
}
