internal import Checkpoints
internal import Foundation
internal import Tasks
internal import Tensors

/// `answers.safetensors`: what each model of a run answered to every example that was scored.
///
/// For a task's split `TASK/SPLIT/adapted` and `TASK/SPLIT/labels`, and for every model
/// `TASK/SPLIT/MODEL/prediction`, `confidence`, `entropy` and `loss`, one value for each example.
enum AnswersFile {
    /// Writes the answers to all tasks.
    static func write(_ all: [TaskAnswers], to url: URL) throws {
        var tensors: [(name: String, content: SafeTensors.Content)] = []
        func addIntegers(_ name: String, _ integers: [Int32]) {
            let content = SafeTensors.Content.integers(
                integers.map(Int64.init),
                shape: [integers.count],
                .signed32
            )
            tensors.append((name, content))
        }
        func add(_ name: String, _ numbers: [Float]) {
            tensors.append((name, .floats(Tensor([numbers.count], numbers))))
        }
        for entry in all {
            let place = "\(entry.task)/\(entry.split)"
            addIntegers("\(place)/adapted", entry.adapted.map { $0 ? 1 : 0 })
            if let labels = entry.models.values.first?.labels {
                addIntegers("\(place)/labels", labels)
            }
            for (model, answers) in entry.models.sorted(by: { $0.key < $1.key }) {
                addIntegers("\(place)/\(model)/prediction", answers.predictions)
                add("\(place)/\(model)/confidence", answers.confidences)
                add("\(place)/\(model)/entropy", answers.entropies)
                if let losses = answers.losses { add("\(place)/\(model)/loss", losses) }
            }
        }
        try SafeTensors.write(tensors, to: url)
    }

    /// Reads which examples were adapted on; none where the file does not say.
    static func adapted(
        task: String,
        split: String,
        examples: Int,
        from file: Checkpoint
    ) throws -> [Bool] {
        guard let view = file["\(task)/\(split)/adapted"], view.shape == [examples] else {
            return Array(repeating: false, count: examples)
        }
        return try view.integers().map { $0 != 0 }
    }

    /// Reads what a model answered; `nil` where the file does not hold it for so many examples.
    static func read(
        _ model: String,
        task: String,
        split: String,
        examples: Int,
        from file: Checkpoint
    ) throws -> Answers? {
        let place = "\(task)/\(split)"
        func view(_ name: String) throws -> TensorView? {
            guard let view = file[name], view.shape == [examples] else { return nil }
            return view
        }
        func integers(_ name: String) throws -> [Int32]? {
            try view(name).map { try $0.integers().map { Int32(truncatingIfNeeded: $0) } }
        }
        func numbers(_ name: String) throws -> [Float]? {
            try view(name).map { try $0.tensor().elements }
        }
        guard let predictions = try integers("\(place)/\(model)/prediction"),
            let confidences = try numbers("\(place)/\(model)/confidence"),
            let entropies = try numbers("\(place)/\(model)/entropy")
        else { return nil }
        let losses = try numbers("\(place)/\(model)/loss")
        let labels = try integers("\(place)/labels")
        return Answers(
            predictions: predictions,
            confidences: confidences,
            entropies: entropies,
            losses: labels == nil ? nil : losses,
            labels: losses == nil ? nil : labels
        )
    }
}
