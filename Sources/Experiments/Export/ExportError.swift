/// Why a merged model cannot be written.
public enum ExportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A model and the architecture that its configuration names.
    public struct Finding: Equatable, Sendable {
        /// The model.
        public let model: String
        /// The architecture.
        public let architecture: String
    }

    /// The recipe is made of something else than whole models.
    case notWholeModels(key: String)
    /// The models are of several architectures.
    case architecturesDiffer([Finding])
    /// The base model is an adapter, or a model with an adapter laid over it.
    case adaptedBase(String)
    /// The recipe has no task of this name.
    case unknownTask(String, known: [String])
    /// The coefficients belong to other models or parameters than those of the recipe.
    case foreignCoefficients(reason: String)
    /// A configuration is not the JSON object that it should be.
    case configuration(file: String)
    /// Somebody asked the program to stop.
    case interrupted(output: String)

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .notWholeModels(let key):
            "This version merges whole models, listed under `models`; `\(key)` is read but cannot "
                + "be merged yet."
        case .architecturesDiffer(let findings):
            "The models are of different architectures: "
                + findings.map { "\($0.model) is \($0.architecture)" }.joined(separator: ", ")
                + "; merge models that were fine-tuned from one base."
        case .adaptedBase(let model):
            "base_model is \(model), an adapter; name the model that it was trained on, and list the "
                + "adapter under `models`."
        case .unknownTask(let task, let known):
            known.isEmpty
                ? "The recipe has no tasks, so there is no head of \(task) to write."
                : "The recipe has no task \(task); its tasks are \(known.joined(separator: ", "))."
        case .foreignCoefficients(let reason):
            "These coefficients do not belong to the recipe's models: \(reason); use the recipe of "
                + "the run that learned them."
        case .configuration(let file):
            "\(file) is not a JSON object in UTF-8; download or write the file again."
        case .interrupted(let output):
            "Stopped before \(output) was complete, so nothing was written; the same command "
                + "starts over."
        }
    }
}
