internal import Autograd
internal import Synchronization

/// Parameters that are read from their source once, by the names of the source.
///
/// Each is formed as a whole: a batch that reads some rows of a table leads back to the table.
final class KnownParameters: ParameterSource {
    private let source: any ParameterSource
    private let isTracked: Bool
    private let variables: Mutex<[String: Variable]> = Mutex([:])

    /// A source's parameters, which gradients are taken with respect to where they are tracked.
    init(_ source: any ParameterSource, tracked: Bool = false) {
        (self.source, isTracked) = (source, tracked)
    }

    /// The parameter of a name, `nil` where no model has asked for it.
    subscript(name: String) -> Variable? { variables.withLock { $0[name] } }

    func parameter(named name: String, shape: [Int]) throws -> Variable {
        try variables.withLock { table in
            if let known = table[name] { return known }
            let value = try source.parameter(named: name, shape: shape).value
            let variable = isTracked ? Variable(parameter: value) : Variable(constant: value)
            table[name] = variable
            return variable
        }
    }

    func expect(parameterNamed name: String, shape: [Int]) throws {
        try source.expect(parameterNamed: name, shape: shape)
    }

    func contains(_ name: String) -> Bool { source.contains(name) }
}
