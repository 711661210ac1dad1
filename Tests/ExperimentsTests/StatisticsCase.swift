import Experiments
import Foundation
import Merging
import TestSupport
import Transformers

/// What a case of statistics says, in `case.json`.
struct StatisticsFacts: Decodable {
    struct Expert: Decodable {
        var checkpoint, data, gram, fisher_exact, fisher_empirical: String
        var examples: Int
        var gram_rows: [String: Int]
    }
    struct Merge: Decodable {
        struct Limits: Decodable {
            var from_stored_statistics_of_tensor_largest: Double
            var from_own_statistics_of_tensor_largest: Double
        }
        var file, method: String
        var alpha, floor: Double?
        var gram, fisher, tail: String?
        var normalised: Bool?
        var tolerance: Limits
    }
    struct Limits: Decodable {
        var of_tensor_largest: Double
        var relative, absolute: Double?
    }
    var architecture: String
    var experts: [Expert]
    var merged_parameters: [String]
    var head_parameters: [String]
    var merges: [Merge]
    var tolerance: [String: Limits]
}

extension ReferenceCase {
    /// The cases of classes of models that there are.
    static let statistics = all("statistics") { _ in true }.filter { reference in
        let facts = try? reference.json(StatisticsFacts.self)
        return facts.map { Architectures.named($0.architecture) != nil } ?? true
    }

    /// A recipe over the experts of the case, their data or their files of statistics.
    func recipe(
        _ method: String,
        _ parameters: [String: String] = [:],
        statistics: [URL]? = nil,
        adapt: String = "all",
        base: URL? = nil
    ) throws -> Recipe {
        let experts = try json(StatisticsFacts.self).experts
        var lines = ["merge_method: \(method)"]
        if let base { lines.append("base_model: \(base.path)") }
        lines.append("models:")
        for (index, expert) in experts.enumerated() {
            lines.append("  - model: \(file(expert.checkpoint).path)")
            if let statistics { lines.append("    statistics: \(statistics[index].path)") }
        }
        if statistics == nil {
            lines.append("tasks:")
            for (index, expert) in experts.enumerated() {
                lines.append(
                    "  - {name: task-\(index), data: \(file(expert.data).path), adapt: '\(adapt)'}"
                )
            }
        }
        lines.append("parameters:")
        lines += parameters.sorted { $0.key < $1.key }.map { "  \($0): \($1)" }
        if parameters.isEmpty { lines.append("  {}") }
        return try Recipe(
            RecipeDocument(lines.joined(separator: "\n")),
            methods: MethodSignature.all
        )
    }
}
