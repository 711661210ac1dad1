internal import Autograd
internal import Checkpoints
internal import Foundation
internal import Merging
public import Tasks
internal import Tensors
internal import Transformers

/// The scores of one task on one split: an entry of `evaluation.json`.
public struct TaskEvaluation: Codable, Sendable {
    /// The name of the task.
    public var task: String
    /// The split that was scored.
    public var split: String
    /// The number of examples scored.
    public var examples: Int
    /// Whether the scored inputs were adapted on.
    public var transductive: Bool
    /// The scores by model: `base`, `initial`, `merged`, `expert`, or the name of a model.
    public var scores: [String: Scores]

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
        static let facts = ["task", "split", "examples", "transductive"]
    }

    /// An entry.
    public init(
        task: String,
        split: String,
        examples: Int,
        transductive: Bool,
        scores: [String: Scores]
    ) {
        (self.task, self.split, self.examples) = (task, split, examples)
        (self.transductive, self.scores) = (transductive, scores)
    }

    /// Reads an entry: whatever key is not a fact names a model.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        task = try values.decode(String.self, forKey: Key("task"))
        split = try values.decode(String.self, forKey: Key("split"))
        examples = try values.decode(Int.self, forKey: Key("examples"))
        transductive = try values.decode(Bool.self, forKey: Key("transductive"))
        scores = [:]
        for key in values.allKeys where !Key.facts.contains(key.stringValue) {
            scores[key.stringValue] = try values.decode(Scores.self, forKey: key)
        }
    }

    /// Writes an entry.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(task, forKey: Key("task"))
        try values.encode(split, forKey: Key("split"))
        try values.encode(examples, forKey: Key("examples"))
        try values.encode(transductive, forKey: Key("transductive"))
        for (name, score) in scores { try values.encode(score, forKey: Key(name)) }
    }
}

/// Scores models on tasks.
public enum Evaluation {
    /// A model to score: how it answers a task.
    struct Candidate: Sendable {
        let name: String
        /// What tells this model from every other, where it is the same for many runs.
        var identity: String?
        /// Answers that are known, by the task and the number of its examples.
        var known: (@Sendable (_ task: OpenTask, _ examples: Int) throws -> Answers?)?
        let model: @Sendable (OpenTask) throws -> any Transformer
    }

    /// Asks every candidate about the evaluate split of every task, and notes which inputs were
    /// `adapted` on.
    static func run(
        _ tasks: [OpenTask],
        candidates: [Candidate],
        adapted: [UnlabeledExamples?],
        workers: Workers,
        observer: Observer
    ) throws -> [TaskAnswers] {
        let splits = try tasks.map {
            try $0.read($0.evaluate, labels: .ifThere, workers: workers, observer: observer)
        }
        let count = splits.reduce(0) { $0 + $1.inputs.count }
        observer.begin("scoring", count * candidates.count)
        return try tasks.enumerated().map { index, task in
            let split = splits[index]
            let seen = Set(adapted[index].map { split.inputs.overlap(with: $0) } ?? [])
            let answers = try candidates.map { candidate in
                (
                    candidate.name,
                    try self.answers(of: candidate, to: task, split, workers, observer)
                )
            }
            return TaskAnswers(
                task: task.name,
                split: task.evaluate.description,
                adapted: split.inputs.inputs.indices.map(seen.contains),
                models: Dictionary(answers) { first, _ in first }
            )
        }
    }

    private static func answers(
        of candidate: Candidate,
        to task: OpenTask,
        _ split: OpenSplit,
        _ workers: Workers,
        _ observer: Observer
    ) throws -> Answers {
        if observer.isCancelled() { throw CancellationError() }
        if let known = try candidate.known?(task, split.encoded.count) {
            observer.advance(split.encoded.count)
            return known
        }
        func ask() throws -> Answers {
            Answers(
                logits: try Predictions.logits(
                    of: candidate.model(task),
                    on: split.encoded,
                    workers: workers,
                    progress: observer.advance
                ),
                labels: split.labels
            )
        }
        guard let identity = candidate.identity else { return try ask() }
        return try task.shared.value("\(identity) on \(task.identity), \(task.evaluate)", ask)
    }

    /// The scores that a run ends with: the base, the start, the result, and the experts.
    static func ofRun(
        _ tasks: [OpenTask],
        adapted: [UnlabeledExamples],
        initial: Coefficients,
        merged: Coefficients,
        setup: MergeSetup,
        workers: Workers,
        observer: Observer
    ) throws -> [TaskAnswers] {
        let vectors = try setup.vectors(workers)
        func merge(_ coefficients: Coefficients) -> @Sendable (OpenTask) throws -> any Transformer {
            let parameters = MergedParameters(vectors, coefficients: coefficients.byParameter)
            return { try $0.expert.model(on: parameters) }
        }
        return try run(
            tasks,
            candidates: [
                .base(of: setup, workers),
                Candidate(name: "initial", model: merge(initial)),
                Candidate(name: "merged", model: merge(merged)),
                .experts(of: setup, workers),
            ],
            adapted: adapted,
            workers: workers,
            observer: observer
        )
    }
}

extension Evaluation.Candidate {
    /// The base with each task's head.
    static func base(of setup: MergeSetup, _ workers: Workers) -> Self {
        Self(name: "base", identity: "base \(setup.base.url.path)") {
            try setup.baseModel(of: $0.expert, workers)
        }
    }

    /// Each task's own expert.
    static func experts(of setup: MergeSetup, _ workers: Workers) -> Self {
        Self(name: "expert", identity: "expert over \(setup.base.url.path)") {
            try setup.expertModel(of: $0, workers)
        }
    }
}
