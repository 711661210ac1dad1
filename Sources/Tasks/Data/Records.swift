internal import FoundationEssentials

/// One example as a file has it.
struct Record: Sendable {
    let input: Example
    /// The label, `nil` where there is none or labels were not asked for.
    let label: Label?
    /// Where the record begins: a line counted from 1, or a row counted from 0.
    let line: Int
}

/// What a file holds, and where it is broken.
struct Records: Sendable {
    var all: [Record] = []
    var faults = LineFaults()
    /// What the numbers of records count.
    var place = RecordPlace.line

    /// Throws unless every record is sound and there is one.
    func check(_ file: DataFile, faults: LineFaults? = nil) throws(DataError) {
        let faults = faults ?? self.faults
        guard faults.isEmpty else { throw .faults(file.url.path, place, faults) }
        guard !all.isEmpty else { throw .noExamples(file.url.path) }
    }
}

/// What the numbers in messages about a file count.
public enum RecordPlace: String, Hashable, Sendable {
    /// Lines of a text, from 1.
    case line
    /// Rows of a tensor, from 0.
    case row
}

/// What is wrong with the records of a file: all are counted, and the first are kept.
public struct LineFaults: Hashable, Sendable {
    /// The number of records that are kept.
    public static let limit = 20

    /// The first faults, ascending by line.
    public private(set) var first: [LineFault] = []
    /// The number of all faults.
    public private(set) var count = 0

    /// Whether there is no fault.
    public var isEmpty: Bool { count == 0 }

    mutating func add(_ problem: LineProblem, at line: Int) {
        count += 1
        // Labels are looked at after everything else, so their faults come out of order.
        guard first.count < Self.limit || line < first[Self.limit - 1].line else { return }
        let place = first.firstIndex { $0.line > line } ?? first.count
        first.insert(LineFault(line: line, problem: problem), at: place)
        if first.count > Self.limit { first.removeLast() }
    }

    mutating func add(_ others: LineFaults) {
        for fault in others.first { add(fault.problem, at: fault.line) }
        count += others.count - others.first.count
    }
}

/// What is wrong with one record of a file.
public struct LineFault: Error, Hashable, Sendable {
    /// The line counted from 1, or the row counted from 0.
    public let line: Int
    /// What is wrong.
    public let problem: LineProblem
}
