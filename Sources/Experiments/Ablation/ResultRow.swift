internal import Tasks

/// One row of the results: what a run does on a split of a task.
struct ResultRow: Sendable {
    /// The study; `reference` for the base and the experts.
    var study: String
    /// Where the run stands on the axes of the study, by their names.
    var settings: [String: String]
    /// The directory of the run.
    var run: String
    /// The merge method; `base` and `experts` for what merges are compared with.
    var method: String
    /// The experts that were merged.
    var experts: [String]
    /// Which set of experts of its point this is, from 1.
    var set: Int
    /// The seed.
    var seed: UInt64
    /// The task and the split.
    var task, split: String
    /// Whether the task's expert was merged.
    var heldIn: Bool
    /// Whether the scored inputs were adapted on.
    var transductive: Bool
    /// The scores.
    var scores: Scores
    /// The accuracy as a share of the expert's on the same examples.
    var normalizedAccuracy: Double?
    /// The step that was kept, where the run learned.
    var step: Int?
    /// The time that merging or learning took.
    var seconds: Double
    /// The most memory that the process held meanwhile, in bytes.
    var memory: Int
    /// The SHA-256 of the recipe, of the inputs, and of the coefficients.
    var recipeHash, inputsHash: String
    var coefficientsHash: String?
}

extension ResultRow {
    /// The columns of every row, in order; the axes follow the study.
    static func columns(axes: [String]) -> [String] {
        ["study"] + axes.map(column) + [
            "run", "method", "experts", "set", "seed", "task", "split", "held_in", "transductive",
            "examples", "accuracy", "interval_low", "interval_high", "normalized_accuracy",
            "entropy",
            "loss", "calibration_error", "step", "seconds", "memory_bytes", "recipe_sha256",
            "inputs_sha256", "coefficients_sha256",
        ]
    }

    /// What the column of an axis is called: its name, unless that is another column's.
    private static func column(_ axis: String) -> String {
        columns(axes: []).contains(axis) ? "axis \(axis)" : axis
    }

    /// The values of the columns; `nil` where there is none.
    func values(axes: [String]) -> [(column: String, value: DocumentValue?)] {
        let names = Self.columns(axes: axes)
        let interval = scores.interval
        let values: [DocumentValue?] =
            [.text(study)] + axes.map { settings[$0].map(DocumentValue.text) } + [
                .text(run), .text(method), .text(experts.joined(separator: " ")), .integer(set),
                .integer(seed), .text(task), .text(split), .boolean(heldIn),
                .boolean(transductive), .integer(scores.examples),
                scores.accuracy.map(DocumentValue.number),
                interval.map { .number($0[0]) }, interval.map { .number($0[1]) },
                normalizedAccuracy.map(DocumentValue.number), .number(scores.entropy),
                scores.loss.map(DocumentValue.number),
                scores.calibrationError.map(DocumentValue.number),
                step.map { .integer($0) }, .number(seconds), .integer(memory),
                .text(recipeHash), .text(inputsHash), coefficientsHash.map(DocumentValue.text),
            ]
        return zip(names, values).map { ($0, $1) }
    }
}
