internal import Autograd
internal import Merging
internal import Tensors

/// A source's parameters as far as they are chosen; of the others only the shapes mean anything.
///
/// For running a part of a model without reading the rest.
struct ChosenParameters: ParameterSource {
    let source: any ParameterSource
    let isChosen: @Sendable (String) -> Bool

    init(_ source: any ParameterSource, where isChosen: @escaping @Sendable (String) -> Bool) {
        (self.source, self.isChosen) = (source, isChosen)
    }

    func parameter(named name: String, shape: [Int]) throws -> Variable {
        isChosen(name)
            ? try source.parameter(named: name, shape: shape)
            : Variable(constant: .untouched(shape))
    }

    func rows(_ indices: [Int32], ofParameterNamed name: String, shape: [Int]) throws -> Variable {
        isChosen(name)
            ? try source.rows(indices, ofParameterNamed: name, shape: shape)
            : Variable(constant: .zeros([indices.count] + shape.dropFirst()))
    }

    func expect(parameterNamed name: String, shape: [Int]) throws {
        try source.expect(parameterNamed: name, shape: shape)
    }

    func contains(_ name: String) -> Bool { source.contains(name) }
}

/// The parameters of a pool as far as they are merged; of the others only the shapes mean anything.
struct PartlyMerged: ParameterSource {
    private let table: ParameterTable

    init(_ pool: ModelPool, _ merged: [String: Tensor]) {
        table = ParameterTable(
            pool.parameters.reduce(into: [:]) { variables, parameter in
                let value = merged[parameter.name] ?? .untouched(parameter.shape)
                variables[parameter.name] = Variable(constant: value)
            },
            named: "the merged model"
        )
    }

    func parameter(named name: String, shape: [Int]) throws -> Variable {
        try table.parameter(named: name, shape: shape)
    }

    func contains(_ name: String) -> Bool { table.contains(name) }
}

/// One source for some names, another for the rest.
struct DividedParameters: ParameterSource {
    let first, second: any ParameterSource
    let isOfFirst: @Sendable (String) -> Bool

    private func source(_ name: String) -> any ParameterSource { isOfFirst(name) ? first : second }

    func parameter(named name: String, shape: [Int]) throws -> Variable {
        try source(name).parameter(named: name, shape: shape)
    }

    func rows(_ indices: [Int32], ofParameterNamed name: String, shape: [Int]) throws -> Variable {
        try source(name).rows(indices, ofParameterNamed: name, shape: shape)
    }

    func expect(parameterNamed name: String, shape: [Int]) throws {
        try source(name).expect(parameterNamed: name, shape: shape)
    }

    func contains(_ name: String) -> Bool { source(name).contains(name) }
}
