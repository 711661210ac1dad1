internal import Autograd
internal import Synchronization

/// Parameters that gradients are taken with respect to, by the names of their source.
///
/// Each is formed once, as a whole: a batch that reads some rows of a table leads back to the table.
final class TrackedParameters: ParameterSource {
    private let source: any ParameterSource
    private let variables: Mutex<[String: Variable]> = Mutex([:])

    init(_ source: any ParameterSource) { self.source = source }

    /// The parameter of a name, `nil` where no model has asked for it.
    subscript(name: String) -> Variable? { variables.withLock { $0[name] } }

    func parameter(named name: String, shape: [Int]) throws -> Variable {
        try variables.withLock { table in
            if let known = table[name] { return known }
            let value = try source.parameter(named: name, shape: shape).value
            let variable = Variable(parameter: value)
            table[name] = variable
            return variable
        }
    }

    func expect(parameterNamed name: String, shape: [Int]) throws {
        try source.expect(parameterNamed: name, shape: shape)
    }

    func contains(_ name: String) -> Bool { source.contains(name) }
}
