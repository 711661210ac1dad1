/// Why a merged model cannot be written.
public enum ExportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A model and the architecture that its configuration names.
    public struct Finding: Equatable, Sendable {
        /// The model.
        public let model: String
        /// The architecture.
        public let architecture: String
    }

    /// Layers that a recipe asks of a model that has fewer.
    public struct LayerFault: Equatable, Sendable {
        /// The key in the recipe.
        public let key: String
        /// The model.
        public let model: String
        /// The number of its layers.
        public let count: Int
        /// The layers that are asked for.
        public let asked: Range<Int>
    }

    /// The method looks at whole models, and the recipe is made of something else.
    case wholeModels(key: String, method: String)
    /// The model has several modules with layers of their own, and the recipe does not say which.
    case severalModules([String], model: String)
    /// The model has no modules of these names.
    case unknownModules([String], known: [String], model: String)
    /// The names of a model's tensors do not tell its layers apart.
    case noLayers(key: String, model: String)
    /// Models have fewer layers than are asked for; every one found.
    case layers([LayerFault])
    /// A slice lacks the base that the method compares the other sources with.
    case sliceWithoutBase(key: String, base: String, method: String)
    /// A task vector stands where layers or modules are wanted.
    case vectorInParts(String, key: String)
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
        case .wholeModels(let key, let method):
            "Tasks, and what \(method) finds out from data, are of whole models; list these under "
                + "`models` instead of `\(key)`, or merge by another method without tasks."
        case .severalModules(let names, let model):
            "\(model) has several modules: \(names.joined(separator: ", ")); put the `slices` of each "
                + "under `modules`."
        case .unknownModules(let names, let known, let model):
            "\(model) has no module called \(names.joined(separator: ", ")); its modules are "
                + "\(known.joined(separator: ", "))."
        case .noLayers(let key, let model):
            "The names of the tensors of \(model) tell no layers apart that `\(key)` could take; "
                + "list whole models under `models`."
        case .layers(let faults):
            faults.map { fault in
                "`\(fault.key)` asks for layers [\(fault.asked.lowerBound), \(fault.asked.upperBound)] "
                    + "of \(fault.model), which has \(fault.count) layers"
            }.joined(separator: "; ")
                + "; the end of a range is left out, so it is at most the number "
                + "of layers."
        case .sliceWithoutBase(let key, let base, let method):
            "\(method) compares models with \(base), which is not among `\(key)`; list it there with "
                + "the layers to compare with."
        case .vectorInParts(let vector, let key):
            "\(vector) is a task vector, of which `\(key)` can take no part; make a model of it with "
                + "vector apply first."
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
