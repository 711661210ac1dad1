internal import Foundation
internal import Merging
public import Tensors

/// What a recipe will do and cost, told from headers before anything is computed.
public struct MergePlan: Codable, Sendable {
    /// One model of the recipe.
    public struct Model: Codable, Sendable {
        /// The name of the model.
        public var name: String
        /// Where it lies.
        public var path: String
        /// `base`, `expert`, `adapter` or `vector`.
        public var kind: String
        /// How many of the merged parameters the model changes or holds.
        public var parameters: Int
        /// The size of its weights on disk, in bytes.
        public var bytes: Int
    }

    /// One task of the recipe.
    public struct Task: Codable, Sendable {
        /// The name of the task.
        public var name: String
        /// The number of examples of its splits.
        public var adapt, select, evaluate: Int
        /// The mean number of tokens of an example.
        public var tokens: Double
    }

    /// The merge method.
    public var method: String
    /// The models, the base first.
    public var models: [Model]
    /// The tasks.
    public var tasks: [Task]
    /// The number of parameter tensors that are merged, and of their elements.
    public var tensors, elements: Int
    /// The vocabulary of the merged model, where the recipe says something of it.
    public var vocabulary: VocabularySummary?
    /// The chat template of the merged model, where the recipe says something of it.
    public var chatTemplate: String?
    /// The number of coefficients to learn.
    public var coefficients: Int?
    /// Floating-point operations of one step of learning.
    public var operationsPerStep: Double?
    /// Floating-point operations of the whole merge; where it learns, with its scores.
    public var operations: Double
    /// The minutes that this machine will take, from its speed now.
    public var minutes: Double
    /// Resident memory beyond mapped files, in bytes.
    public var memory: Int
    /// What the merged checkpoint takes on disk, in bytes.
    public var disk: Int

    /// Reads the headers of a recipe's models and, where it learns, its data.
    ///
    /// Everything that does not match is thrown together.
    public init(_ recipe: Recipe, workers: Workers) throws {
        if let learning = recipe.learning {
            try self.init(learning, of: recipe, workers: workers)
        } else {
            let merge = try RuleMerge(recipe, statistics: nil, workers: workers)
            self.init(rule: merge, workers: workers)
            guard let kind = merge.method.kind.statistics else { return }
            let parameters = merge.models.pool.parameters
            try add(collecting: kind, for: recipe, of: parameters, workers)
        }
    }

    /// How many of the merged parameters an expert changes.
    static func changedParameters(by expert: Int, in pool: ModelPool) -> Int {
        pool.parameters.count {
            if case .unchanged = $0.experts[expert] { false } else { true }
        }
    }

    /// The bytes of some files; a link counts as what it points to.
    static func bytes(_ files: [URL]) -> Int {
        files.reduce(0) { sum, file in
            let path = file.resolvingSymlinksInPath().path
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return sum + ((attributes?[.size] as? NSNumber)?.intValue ?? 0)
        }
    }
}
