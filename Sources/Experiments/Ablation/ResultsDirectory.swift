public import Foundation

/// Where the files of an experiment's results lie: the directory that `ablate` fills.
public struct ResultsDirectory: Sendable {
    /// The directory.
    public let url: URL

    /// The results in a directory, which need not exist yet.
    public init(_ url: URL) { self.url = url.standardizedFileURL }

    /// The runs, each in a directory under the beginning of its hash.
    var runs: URL { url.appending(path: "runs") }
    /// What is locked while somebody makes it.
    var locks: URL { url.appending(path: "locks") }
    /// What several runs need.
    var shared: URL { url.appending(path: "shared") }
    /// A line for each run that was begun or has ended.
    var journal: URL { url.appending(path: "journal.jsonl") }
    /// The results, a row per run, task and split.
    public var csv: URL { url.appending(path: "results.csv") }
    /// The same as JSON, an object a line.
    public var jsonLines: URL { url.appending(path: "results.jsonl") }
    /// The tables of all studies.
    public var markdown: URL { url.appending(path: "tables.md") }
    /// The same for a paper.
    public var latex: URL { url.appending(path: "tables.tex") }
    /// The plots.
    public var figures: URL { url.appending(path: "figures") }
    /// Everything on one page.
    public var report: URL { url.appending(path: "report.html") }
    /// What was run: the experiment as it was read, and which runs belong to which study.
    var index: URL { url.appending(path: "experiment.json") }

    /// The directory of a run.
    func run(_ name: String) -> URL { runs.appending(path: name) }
    /// The record of a run: it is there once everything is measured.
    func record(_ name: String) -> URL { run(name).appending(path: "record.json") }
    /// The table of an analysis: it is there once the analysis is done.
    func table(_ name: String) -> URL { run(name).appending(path: "table.json") }
    /// The answers that the record's scores are made of.
    func answers(_ name: String) -> URL { run(name).appending(path: "record.safetensors") }
}
