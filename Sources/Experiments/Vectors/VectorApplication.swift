internal import Checkpoints
public import Foundation
internal import Merging
public import Tensors

/// `merganser vector apply`: a model with task vectors added to it.
public enum VectorApplication {
    /// Writes `θ + Σₖ sₖ·τₖ` as a model directory, by task arithmetic and by the code that writes every
    /// merge.
    ///
    /// - Parameters:
    ///   - model: The base of the vectors, by its path or id.
    ///   - vectors: Files of task vectors.
    ///   - scales: The factor of each vector: one for all, or as many as there are vectors; negative
    ///     to take away what it adds.
    ///   - output: The directory to write.
    ///   - options: How it is laid out.
    ///   - workers: What computes.
    ///   - command: What the model card says has made the model.
    ///   - observer: What is told of it.
    /// - Returns: What was written.
    /// - Throws: `TaskVectorError.otherBase` if a vector was taken from another base.
    @discardableResult
    public static func run(
        _ model: String,
        adding vectors: [URL],
        scales: [Double] = [1],
        to output: URL,
        _ options: OutputOptions = OutputOptions(),
        workers: Workers = .all,
        command: [String] = ["merganser", "vector", "apply", "MODEL", "VECTOR", "OUTPUT"],
        observer: Observer = Observer()
    ) throws -> WrittenModel {
        precondition(scales.count == 1 || scales.count == vectors.count, "a scale for each vector")
        let base = try ModelReference(argument: model)
        let models = try vectors.enumerated().map { index, url in
            // Says which of them is none, before anything is hashed.
            let vector = try TaskVectorFile(contentsOf: url)
            let scale = scales.count == 1 ? scales[0] : scales[index]
            return RecipeModel(
                ModelReference(.init(.directory(vector.url.standardizedFileURL.path))),
                parameters: ["weight": .scalar(.number(scale))]
            )
        }
        let recipe = Recipe(
            mergeMethod: MergeMethod.taskArithmetic.card.name,
            baseModel: base,
            models: models
        )
        return try Merge.run(
            recipe,
            to: output,
            options,
            workers: workers,
            command: command,
            observer: observer
        )
    }
}
