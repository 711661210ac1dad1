internal import Autograd
internal import Foundation
internal import Synchronization
internal import Tensors
internal import Transformers

/// Finds the weights of a model's linear maps: the matrices that it asks for as a whole.
///
/// Tables, of which a batch reads a few rows, are only asked for whether they are there.
final class LinearWeights: ParameterSource {
    private let found = Mutex<Set<String>>([])

    init(of architecture: Architecture, configuration: Data) throws {
        _ = try architecture.model(configuration: configuration, from: self)
    }

    /// The names of the weights, sorted.
    var names: [String] { found.withLock { $0.sorted() } }

    func parameter(named name: String, shape: [Int]) throws -> Variable {
        if shape.count == 2, name.hasSuffix(".weight") { found.withLock { _ = $0.insert(name) } }
        return Variable(constant: .untouched(shape))
    }

    func expect(parameterNamed name: String, shape: [Int]) throws {}

    func contains(_ name: String) -> Bool { true }
}

/// Names of modules as recipes and PEFT write them: in full, or their last components.
enum ModuleName {
    /// Whether a module is called so, or its name ends so after a dot.
    static func fits(_ name: String, _ module: String) -> Bool {
        module == name || module.hasSuffix("." + name)
    }

    /// The module that a parameter belongs to.
    static func of(_ parameter: String) -> String {
        parameter.split(separator: ".").dropLast().joined(separator: ".")
    }

    /// Whether a parameter belongs to a module that is called so, or to a part of one.
    static func holds(_ name: String, _ parameter: String) -> Bool {
        ".\(parameter)".contains(".\(name).")
    }
}
