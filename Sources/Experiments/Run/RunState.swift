internal import Autograd
internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tensors

/// Everything that changes during a run: what an exact resume needs.
struct RunState: Sendable {
    /// The step that the unlabeled criterion likes best so far.
    struct Best: Sendable {
        var step: Int
        var criterion: Double
        var lambda: Tensor
    }

    var learner: CoefficientLearner.State
    var best: Best?
    /// The coefficients in use at every step so far, the current one included.
    var trajectory: [Tensor]
    var history: [HistoryEntry]

    /// Writes all files of the state; the one that says how far the run is comes last.
    func save(to run: RunDirectory) throws {
        let lines = try history.reduce(into: Data()) { data, entry in
            data += try RunJSON.encode(entry, pretty: false)
            data.append(UInt8(ascii: "\n"))
        }
        try AtomicFile.write(lines, to: run.history)
        let shape = [trajectory.count] + learner.lambda.shape
        try SafeTensors.write(
            [("lambda", .floats(Tensor(shape, trajectory.flatMap(\.elements))))],
            to: run.trajectory
        )
        var tensors: [(name: String, content: SafeTensors.Content)] = [
            ("lambda", .floats(learner.lambda)),
            ("optimizer.first", .floats(learner.optimizer.first)),
            ("optimizer.second", .floats(learner.optimizer.second)),
        ]
        var metadata = [
            "step": String(learner.step), "optimizer.steps": String(learner.optimizer.steps),
        ]
        if let best {
            tensors.append(("best.lambda", .floats(best.lambda)))
            metadata["best.step"] = String(best.step)
            // The bit pattern: a decimal number would have to be trusted to round-trip.
            metadata["best.criterion"] = String(best.criterion.bitPattern, radix: 16)
        }
        try SafeTensors.write(tensors, metadata: metadata, to: run.state)
    }

    /// Reads the state of a run; `nil` where none was saved yet.
    static func load(from run: RunDirectory, shape: [Int]) throws -> RunState? {
        guard run.has(run.state) else { return nil }
        func broken(_ reason: String) -> ExperimentError {
            .brokenState(run.url.path, reason: reason)
        }
        let file = try Checkpoint(at: run.state)
        func tensor(_ name: String, in checkpoint: Checkpoint) throws -> Tensor {
            let view = try checkpoint.view(name)
            guard view.shape == shape else {
                throw broken("\(name) has shape \(view.shape), not \(shape)")
            }
            return try view.tensor()
        }
        guard let step = file.metadata["step"].flatMap({ Int($0) }), step >= 0,
            let updates = file.metadata["optimizer.steps"].flatMap({ Int($0) })
        else { throw broken("state.safetensors does not say how far it is") }
        var best: Best?
        if let at = file.metadata["best.step"].flatMap({ Int($0) }),
            let bits = file.metadata["best.criterion"].flatMap({ UInt64($0, radix: 16) })
        {
            best = Best(
                step: at,
                criterion: Double(bitPattern: bits),
                lambda: try tensor("best.lambda", in: file)
            )
        }
        let history = try String(contentsOf: run.history, encoding: .utf8)
            .split(separator: "\n").prefix(step)
            .map { try JSONDecoder().decode(HistoryEntry.self, from: Data($0.utf8)) }
        let path = try Checkpoint(at: run.trajectory).view("lambda")
        guard history.count >= step, path.shape.dropFirst() == shape[...],
            path.shape[0] > step
        else { throw broken("the history ends before step \(step)") }
        let count = shape.reduce(1, *)
        let elements = try path.tensor().elements
        return RunState(
            learner: CoefficientLearner.State(
                step: step,
                lambda: try tensor("lambda", in: file),
                optimizer: OptimizerState(
                    steps: updates,
                    first: try tensor("optimizer.first", in: file),
                    second: try tensor("optimizer.second", in: file)
                )
            ),
            best: best,
            trajectory: (0...step).map {
                Tensor(shape, Array(elements[$0 * count..<($0 + 1) * count]))
            },
            history: Array(history)
        )
    }
}
