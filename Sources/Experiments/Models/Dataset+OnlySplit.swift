internal import FoundationEssentials
internal import Tasks

extension Dataset {
    /// The inputs of a file, or of a directory that holds one.
    func onlySplit() throws -> UnlabeledExamples {
        guard splits.count == 1, let split = splits.first else {
            throw InputError.severalSplits(path: source.path.path, splits: splits)
        }
        return try unlabeled(Tasks.SplitReference(split: split))
    }
}
