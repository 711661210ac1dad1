/// Why an experiment cannot be made of its recipe.
public enum ExperimentFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A study leaves out somebody who is not there.
    case unknownExpert(String, known: [String])
    /// A study leaves out everybody.
    case noExperts
    /// A study merges more experts than there are.
    case tooManyExperts(Int, of: Int)
    /// An analysis asks for a task that is not there.
    case unknownTask(String, known: [String])
    /// The recipe has no tasks to score.
    case noTasks(recipe: String)
    /// Some runs failed; the others are done.
    case failedRuns([String])
    /// A directory of results belongs to something else.
    case notResults(String)

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .unknownExpert(let name, let known):
            "The experiment names the expert \(name), which its recipe does not merge; its experts "
                + "are \(known.joined(separator: ", "))."
        case .noExperts: "A study leaves out every expert; leave in at least one."
        case .tooManyExperts(let count, let total):
            "A study merges \(count) experts, but the recipe has \(total); take at most \(total)."
        case .unknownTask(let name, let known):
            "The experiment names the task \(name), which its recipe does not have; its tasks are "
                + "\(known.joined(separator: ", "))."
        case .noTasks(let recipe):
            "\(recipe) has no tasks with data, so nothing can be measured; list them under tasks."
        case .failedRuns(let sentences):
            "\(sentences.count == 1 ? "One run" : "\(sentences.count) runs") failed, the others are "
                + "done; correct this and call ablate again:"
                + sentences.map { "\n  \($0)" }.joined()
        case .notResults(let path):
            "\(path) holds neither a run nor the results of ablate; name a directory that learn or "
                + "ablate has written."
        }
    }
}
