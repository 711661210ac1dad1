import Checkpoints
import Experiments
import Foundation
import Merging
import TestSupport
import Tensors

/// Every way of storing a task vector.
let vectorLayouts: [TaskVectorLayout] = [
    .dense, .sparse(density: 0.1), .sparse(density: 1), .lowRank(rank: 3),
]

extension ModelFolder {
    /// The file of the task vector of an expert.
    @discardableResult
    func vector(
        of expert: URL,
        over base: URL = FixtureModels.base,
        as layout: TaskVectorLayout = .dense,
        isHalf: Bool = false,
        named name: String,
        workers: Workers = Workers(2)
    ) throws -> (url: URL, result: VectorExtraction.Result) {
        let result = try VectorExtraction.run(
            base: base.path,
            expert: expert.path,
            as: layout,
            isHalf: isHalf,
            to: file(name),
            workers: workers
        )
        return (file(name), result)
    }
}

/// The elements of a model minus those of its base by name, in double.
func taskVector(_ model: URL, over base: URL = FixtureModels.base) throws -> [String: [Double]] {
    let (model, base) = try (Checkpoint(at: model), Checkpoint(at: base))
    return try base.names.reduce(into: [:]) { table, name in
        let origin = try base.view(name).tensor().elements
        table[name] = zip(try model.view(name).tensor().elements, origin).map {
            Double($0) - Double($1)
        }
    }
}

/// The elements that a file of a task vector has for each parameter, in double, by what its
/// documentation says and nothing else.
func storedVector(_ url: URL) throws -> [String: [Double]] {
    let (file, tensors) = try (TaskVectorFile(contentsOf: url), Checkpoint(at: url))
    func elements(_ name: String) throws -> [Double] {
        try tensors.view(name).tensor().elements.map(Double.init)
    }
    return try file.parameters.reduce(into: [:]) { table, entry in
        let (name, parameter) = (entry.key, entry.value)
        let count = parameter.shape.reduce(1, *)
        switch parameter.layout {
        case .zero: table[name] = Array(repeating: 0, count: count)
        case .dense: table[name] = try elements(name)
        case .lowRank:
            let (a, b) = (try elements(name + ".a"), try elements(name + ".b"))
            let columns = parameter.shape[1]
            let rank = a.count / columns
            table[name] = (0..<count).map { place in
                (0..<rank).reduce(0.0) { sum, k in
                    sum + b[place / columns * rank + k] * a[k * columns + place % columns]
                } * (parameter.scale ?? 1)
            }
        case .sparse:
            let starts = try tensors.view(name + ".starts").integers().map { Int($0) }
            let places = try tensors.view(name + ".places").integers().map { Int($0) }
            let values = try elements(name + ".values")
            var all = Array(repeating: 0.0, count: count)
            for run in starts.indices.dropLast() {
                for entry in starts[run]..<starts[run + 1] {
                    all[run << 16 + places[entry]] = values[entry]
                }
            }
            table[name] = all
        }
    }
}
