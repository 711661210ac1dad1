import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import TestSupport
import Testing

/// What the `case.json` of a merge says.
struct MergeCase: Decodable {
    struct Limits: Decodable {
        var atol, rtol: Double
        /// How large the root of the mean square of all differences may be.
        var rms: Double?
    }
    var kind: String
    var merge_method: String?
    var tolerance: Limits?
    /// Entries of the output's `config.json`.
    var expected_config: [String: Int]?
}

private let methods = Set(MergeMethods.all.map(\.card.name))

private let exact = ReferenceCase.all("merge") { _ in true }.filter { reference in
    guard let facts = try? reference.json(MergeCase.self) else { return false }
    return facts.kind == "exact" && methods.contains(facts.merge_method ?? "")
}

/// Methods that mergekit does not have.
private let unknownToMergekit: Set<String> = [
    "model_tailor", "localize_and_stitch", "metagpt", "expo", "magmax", "pcb", "consensus_ta",
    "consensus_ties", "tsv_m",
    "iso_c", "iso_cts", "subspace_boosting", "svc_task_arithmetic", "opcm", "knots",
    "wudi_closed_form",
]

/// Merges that mergekit has no words for: over whole models, by rows or angles, by statistics, and by
/// methods of others.
private func isSayable(_ recipe: Recipe) -> Bool {
    let ours = ["trim_scope", "angle_average", "rescale_mode"]
    return ours.allSatisfy { recipe.parameters[$0] == nil }
        && !unknownToMergekit.contains(recipe.mergeMethod)
}

/// Errors of recipes that concern the methods there are, and the form of a recipe.
private let errors = ReferenceCase.all("merge") {
    [
        "error-missing-tensor", "error-shape-mismatch", "error-nan", "error-path-missing",
        "error-architectures-differ", "error-missing-base", "error-unknown-method",
        "error-missing-weight", "error-weight-not-a-number", "error-yaml-syntax",
        "error-models-and-slices", "error-dtype", "error-missing-t", "error-slerp-three-models",
        "error-model-stock-one-expert", "error-della-epsilon", "error-slice-lengths",
        "error-layer-range",
    ].contains($0)
}

@Suite struct `Merges by rule agree with the reference` {
    @Test(arguments: exact)
    func tensors(of reference: ReferenceCase) throws {
        let folder = try ModelFolder()
        let recipe = try Recipe(
            contentsOf: reference.file("config.yml"),
            methods: MethodSignature.all
        )
        let output = folder.file("merged")
        try Merge.run(recipe, to: output, workers: .all)
        let facts = try reference.json(MergeCase.self)
        let limits = try #require(facts.tolerance)
        try expectEqual(
            Checkpoint(at: output),
            reference.tensors("expected.safetensors"),
            within: Tolerance(absolute: limits.atol, relative: limits.rtol),
            rms: limits.rms
        )
        let configuration = try numbers(of: output.appending(path: "config.json"))
        for (key, value) in facts.expected_config ?? [:] {
            #expect(configuration[key] == Double(value), "\(key)")
        }
    }

    @Test(arguments: exact)
    func `a merge and what its mergekit_config.yml says are the same`(
        reference: ReferenceCase
    ) throws {
        let folder = try ModelFolder()
        let recipe = try Recipe(
            contentsOf: reference.file("config.yml"),
            methods: MethodSignature.all
        )
        try Merge.run(recipe, to: folder.file("first"), workers: .all)
        let said = folder.file("first").appending(path: "mergekit_config.yml")
        #expect(FileManager.default.fileExists(atPath: said.path) == isSayable(recipe))
        guard isSayable(recipe) else { return }
        let again = try Recipe(contentsOf: said, methods: MethodSignature.all)
        try Merge.run(again, to: folder.file("second"), workers: .all)
        let (first, second) = try (
            contents(of: folder.file("first")), contents(of: folder.file("second"))
        )
        #expect(first == second)
    }
}

@Suite(.enabled(if: Golden.directory != nil, "\(Golden.absence)"))
struct `Merges that cannot be` {
    @Test(arguments: errors)
    func `fail before anything is written, and say why`(reference: ReferenceCase) throws {
        let folder = try ModelFolder()
        let output = folder.file("merged")
        let error = #expect(throws: (any Error).self) {
            let recipe = try Recipe(
                contentsOf: reference.file("config.yml"),
                methods: MethodSignature.all
            )
            try Merge.run(recipe, to: output, workers: .all)
        }
        let message = try #require(error.map { "\($0)" })
        let lines = try String(contentsOf: reference.file("expected_error.txt"), encoding: .utf8)
        for line in lines.split(separator: "\n") {
            let words = line.components(separatedBy: " | ")
            #expect(
                words.contains { message.localizedCaseInsensitiveContains($0) },
                "none of \(words) in: \(message)"
            )
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(left.isEmpty, "\(left)")
    }
}
