import Checkpoints
import Experiments
import Foundation
import Tensors

/// A merge of experts into a base from disk to disk.
///
/// The floor is reading and hashing every file once, for the card names its inputs by their SHA-256,
/// and writing as many bytes as one of them has; both from and to the page cache. Where the hashes are
/// known from another merge, only the writing is left of it.
struct MergeByRule {
    let directory: URL
    let workers: Workers
    let models: SyntheticModels
    /// The format that the recipe names.
    let dtype: String

    /// Merges by a method, with options of the recipe and of each expert.
    func run(
        _ workload: String,
        _ method: String,
        options: String = "",
        each parameters: String = "",
        steps: Int
    ) throws -> Measurement {
        try models.write()
        let recipe = directory.appending(path: "\(workload).yml")
        let experts = models.directories.dropFirst().map {
            "  - model: \($0.path)\n    parameters: {\(parameters)}\n"
        }
        // An average has no base: there it is one of the models.
        let base = models.directories[0].path
        let head =
            method == "linear"
            ? "models:\n  - model: \(base)\n    parameters: {\(parameters)}\n"
            : "base_model: \(base)\nmodels:\n"
        let text =
            "merge_method: \(method)\n\(head)\(experts.joined())parameters: {\(options)}\n"
            + "dtype: \(dtype)\n"
        try AtomicFile.write(Data(text.utf8), to: recipe)
        let parsed = try Recipe(RecipeDocument(contentsOf: recipe), methods: MethodSignature.all)
        let output = directory.appending(path: "merged")
        let runs = try (0...steps).map { _ in
            let floor = try floor(models.files, writing: directory.appending(path: "copy"))
            let time = try timed {
                try Merge.run(parsed, to: output, workers: workers)
            }
            try FileManager.default.removeItem(at: output)
            return (seconds: time, floor: floor)
        }
        return Measurement(workload, runs: Array(runs.dropFirst()))
    }

    /// The time to read and hash every file once, and to write the bytes of the first.
    private func floor(_ files: [URL], writing copy: URL) throws -> Double {
        defer { try? FileManager.default.removeItem(at: copy) }
        return try timed {
            let groups = try SHA256Hash.groups(of: files)
            try workers.forEach(groups.count + 1) { index in
                if index < groups.count {
                    _ = try SHA256Hash.ofFiles(groups[index].map { files[$0] })
                } else {
                    try FileManager.default.copyItem(at: files[0], to: copy)
                }
            }
        }
    }
}
