internal import Autograd
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
        /// Scores that are known by task, and whether the inputs were adapted on.
        var known: (@Sendable (_ task: String, _ adapted: Bool, _ examples: Int) -> Scores?)?
        let model: @Sendable (OpenTask) throws -> any Transformer
    }

    /// Scores every candidate on the evaluate split of every task.
    ///
    /// Scores on inputs that were `adapted` on are kept apart from the others and marked.
    static func run(
        _ tasks: [OpenTask],
        candidates: [Candidate],
        adapted: [UnlabeledExamples?],
        workers: Workers,
        observer: Observer
    ) throws -> [TaskEvaluation] {
        let splits = try tasks.map {
            try $0.read($0.evaluate, labels: .ifThere, workers: workers, observer: observer)
        }
        let count = splits.reduce(0) { $0 + $1.inputs.count }
        observer.begin("scoring", count * candidates.count)
        var entries: [TaskEvaluation] = []
        for (index, task) in tasks.enumerated() {
            let (inputs, labels, encoded) = (
                splits[index].inputs, splits[index].labels, splits[index].encoded
            )
            let seen = Set(adapted[index].map { inputs.overlap(with: $0) } ?? [])
            let parts = [false, true].map { transductive in
                (transductive, (0..<inputs.count).filter { seen.contains($0) == transductive })
            }.filter { !$1.isEmpty }
            var scores: [[String: Scores]] = parts.map { _ in [:] }
            for candidate in candidates {
                let known = parts.compactMap { candidate.known?(task.name, $0, $1.count) }
                let found: [Scores]
                if known.count == parts.count {
                    observer.advance(inputs.count)
                    found = known
                } else {
                    let logits = try Predictions.logits(
                        of: candidate.model(task),
                        on: encoded,
                        workers: workers,
                        progress: observer.advance
                    )
                    found = parts.map { _, rows in
                        Scores(
                            logits: logits.rows(rows.map(Int32.init)),
                            labels: labels.map { labels in rows.map { labels[$0] } }
                        )
                    }
                }
                for (part, score) in found.enumerated() { scores[part][candidate.name] = score }
            }
            entries += zip(parts, scores).map { part, scores in
                TaskEvaluation(
                    task: task.name,
                    split: task.evaluate.description,
                    examples: part.1.count,
                    transductive: part.0,
                    scores: scores
                )
            }
        }
        return entries
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
    ) throws -> [TaskEvaluation] {
        let vectors = try setup.vectors(workers)
        func merge(_ coefficients: Coefficients) -> @Sendable (OpenTask) throws -> any Transformer {
            let parameters = MergedParameters(vectors, coefficients: coefficients.byParameter)
            return { try $0.expert.model(on: parameters) }
        }
        return try run(
            tasks,
            candidates: [
                Candidate(name: "base") { try setup.baseModel(of: $0.expert, workers) },
                Candidate(name: "initial", model: merge(initial)),
                Candidate(name: "merged", model: merge(merged)),
                Candidate(name: "expert") { try setup.expertModel(of: $0, workers) },
            ],
            adapted: adapted,
            workers: workers,
            observer: observer
        )
    }
}
