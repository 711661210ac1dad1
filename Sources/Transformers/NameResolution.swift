internal import Autograd
internal import Synchronization
internal import Tensors

/// The names under which published files hold a parameter.
public enum ParameterNames {
    /// The ways to write an architecture's own name, the most likely first.
    ///
    /// A bare encoder lacks the prefix of its classifier's, or a classifier's file is read as a
    /// bare encoder; and the oldest files call the scale and shift of a norm `gamma` and `beta`.
    public static func spellings(of name: String, prefix: String) -> [String] {
        let short = name.hasPrefix(prefix + ".") ? String(name.dropFirst(prefix.count + 1)) : nil
        let names = [name, short ?? "\(prefix).\(name)"]
        return names
            + names.map {
                $0.replacing("LayerNorm.weight", with: "LayerNorm.gamma")
                    .replacing("LayerNorm.bias", with: "LayerNorm.beta")
            }
    }
}

/// Finds an architecture's parameters in a source that spells their names otherwise.
struct NameResolvingSource: ParameterSource {
    let source: any ParameterSource
    let prefix: String

    func parameter(named name: String, shape: [Int]) throws -> Variable {
        try source.parameter(named: resolved(name), shape: shape)
    }

    func rows(_ indices: [Int32], ofParameterNamed name: String, shape: [Int]) throws -> Variable {
        try source.rows(indices, ofParameterNamed: resolved(name), shape: shape)
    }

    func expect(parameterNamed name: String, shape: [Int]) throws {
        try source.expect(parameterNamed: resolved(name), shape: shape)
    }

    func contains(_ name: String) -> Bool { source.contains(resolved(name)) }

    private func resolved(_ name: String) -> String {
        ParameterNames.spellings(of: name, prefix: prefix).first(where: source.contains) ?? name
    }
}

/// Writes down what a model asks for, and gives it memory that is never touched.
final class ShapeRecorder: ParameterSource {
    private let shapes = Mutex<[String: [Int]]>([:])

    var recorded: [String: [Int]] { shapes.withLock { $0 } }

    func parameter(named name: String, shape: [Int]) throws -> Variable {
        shapes.withLock { $0[name] = shape }
        return Variable(constant: .untouched(shape))
    }

    func rows(_ indices: [Int32], ofParameterNamed name: String, shape: [Int]) throws -> Variable {
        try parameter(named: name, shape: shape).rows(indices)
    }

    func contains(_ name: String) -> Bool { true }
}
