internal import Checkpoints
internal import FoundationEssentials

/// Examples of which only the inputs are known.
///
/// Whatever learns without supervision takes this type. There are no labels in it and no way from
/// it to them: the reader of the file has not looked at them.
public struct UnlabeledExamples: Sendable {
    /// Where the examples come from.
    public let selection: Dataset.Selection
    /// The inputs, in the order of the file.
    public let inputs: [Example]
    /// The place of every example in the file, for messages.
    let lines: [Int]
    let place: RecordPlace

    /// The number of examples.
    public var count: Int { inputs.count }
}

/// Examples with the answers that are right.
public struct LabeledExamples: Sendable {
    /// The inputs.
    public let examples: UnlabeledExamples
    /// The class of every example: a position in the output of the model.
    public let labels: [Int32]
    /// The names of the classes, `nil` where neither the caller nor the data have names.
    public let classNames: [String]?

    /// The number of examples.
    public var count: Int { labels.count }
}

extension Dataset {
    /// Which examples were selected: a file, and positions in it.
    public struct Selection: Hashable, Sendable {
        /// The reference that selected them.
        public let reference: SplitReference
        /// The path of the file, symbolic links resolved: its identity.
        public let file: String
        /// The positions of the examples among all of the file, counted from 0, ascending.
        public let indices: [Int]
    }
}

extension UnlabeledExamples {
    /// The positions, in these examples, of those that are also among others.
    ///
    /// In one file an example is the position that it has; in different files it is its content,
    /// so that a copy of a file does not pass for new data.
    public func overlap(with others: UnlabeledExamples) -> [Int] {
        if selection.file == others.selection.file {
            let known = Set(others.selection.indices)
            return inputs.indices.filter { known.contains(selection.indices[$0]) }
        }
        let known = Set(others.inputs.map(\.content))
        return inputs.indices.filter { known.contains(inputs[$0].content) }
    }

    /// The examples but for those at some positions.
    public func leavingOut(_ positions: [Int]) -> UnlabeledExamples {
        UnlabeledExamples(
            selection: Dataset.Selection(
                reference: selection.reference,
                file: selection.file,
                indices: selection.indices.leavingOut(positions)
            ),
            inputs: inputs.leavingOut(positions),
            lines: lines.leavingOut(positions),
            place: place
        )
    }
}

extension Array {
    /// The elements but for those at some positions.
    package func leavingOut(_ positions: [Int]) -> [Element] {
        guard !positions.isEmpty else { return self }
        let left = Set(positions)
        return indices.filter { !left.contains($0) }.map { self[$0] }
    }
}

extension Example {
    /// The example with a file in it replaced by the hash of its content.
    fileprivate var content: Example {
        guard case .pictureFile(let path) = self,
            let hash = try? SHA256Hash.ofFile(URL(filePath: path))
        else { return self }
        return .pictureFile(hash)
    }
}
