internal import Checkpoints
public import Foundation
internal import Merging
internal import Synchronization
public import Tensors

/// `merganser ablate`: runs what is missing of an experiment, and writes its results.
public enum Ablation {
    /// How an experiment is run.
    public struct Options: Sendable {
        /// Which part of the runs this process makes, of how many, from 1; `nil` for all.
        public var shard: (index: Int, count: Int)?
        /// How many runs are made at a time; `nil` for as many as cores and memory allow.
        public var jobs: Int?
        /// Whether the models of merges by rule are kept.
        public var keepsModels = false

        /// Everything, as many at a time as fit, without keeping models.
        public init() {}
    }

    /// Does what is missing of an experiment, and then writes tables, plots and a page.
    ///
    /// What is done already, here or by another process with the same directory, is not done again; what
    /// another process does just now is waited for.
    ///
    /// - Returns: The results of all runs that are there.
    /// - Throws: ``ExperimentFileError/failedRuns(_:)`` after everything else is done, where runs fail.
    public static func run(
        _ experiment: Experiment,
        in directory: URL,
        _ options: Options = Options(),
        workers: Workers,
        command: [String] = ["merganser", "ablate", "experiment.yml", "RUNS"],
        observer: Observer = Observer()
    ) throws -> ExperimentResults {
        let results = ResultsDirectory(directory)
        try FileManager.default.createDirectory(at: results.url, withIntermediateDirectories: true)
        let shared = SharedWork(statistics: results.shared.appending(path: "statistics"))
        let plan = try AblationPlan(experiment, shared, workers, observer)
        let mine = plan.jobs(of: options.shard)
        let work = AblationWork(
            results: results,
            splits: experiment.splits,
            shared: shared,
            command: command,
            keepsModels: options.keepsModels
        )
        let size = try options.jobs ?? jobsAtATime(mine, workers)
        let failures = Mutex<[String]>([])
        observer.begin("ablation", mine.reduce(0) { $0 + $1.effort })
        let done = mine.filter { $0.isDone(in: results) }
        observer.advance(done.reduce(0) { $0 + $1.effort })
        var missing = mine.filter { job in !done.contains { $0.identity.hash == job.identity.hash }
        }
        let index = ExperimentIndex(experiment, plan, command: command)
        try AtomicFile.write(RunJSON.encode(index), to: results.index)
        let page = LivePage(results.report) { refresh in
            try ExperimentResults(index, in: results).page(refresh: refresh)
        }
        while !missing.isEmpty {
            let jobs = missing
            let waiting = Mutex<[AblationJob]>([])
            try Workers(size).forEach(jobs.count) { index in
                let job = jobs[index]
                if observer.isCancelled() {
                    throw ExperimentError.stopped(directory: results.url.path)
                }
                guard let lock = try FileLock(trying: results.lock(job.identity.name)) else {
                    return waiting.withLock { $0.append(job) }
                }
                try withExtendedLifetime(lock) {
                    let share = Workers(max(1, workers.count / size))
                    if let failure = try perform(job, work, share, observer) {
                        failures.withLock { $0.append(failure) }
                    }
                    page.refresh()
                }
            }
            missing = waiting.withLock { $0 }.filter { !$0.isDone(in: results) }
            if !missing.isEmpty { Thread.sleep(forTimeInterval: 0.5) }
        }
        let found = try ExperimentResults(index, in: results)
        try found.write()
        let sentences = failures.withLock { $0 }.sorted()
        guard sentences.isEmpty else { throw ExperimentFileError.failedRuns(sentences) }
        return found
    }

    /// Does a job that nobody else does, unless it is done.
    ///
    /// - Returns: Why it failed, if it did.
    private static func perform(
        _ job: AblationJob,
        _ work: AblationWork,
        _ workers: Workers,
        _ observer: Observer
    ) throws -> String? {
        let progress = JobProgress(job, observer)
        defer { progress.finish() }
        guard !job.isDone(in: work.results) else { return nil }
        try work.results.note("begun", job)
        var failure: String?
        do { try job.run(work, workers, progress.observer) } catch {
            if isInterruption(error) || observer.isCancelled() {
                throw ExperimentError.stopped(directory: work.results.url.path)
            }
            failure = "\(job.title): \(error)"
        }
        try work.results.note("ended", job)
        return failure
    }

    /// As many runs as there are cores for and memory.
    private static func jobsAtATime(_ jobs: [AblationJob], _ workers: Workers) throws -> Int {
        let recipes = jobs.compactMap { job -> Recipe? in
            if case .run(let run) = job.content { run.recipe } else { nil }
        }
        guard workers.count > 1, recipes.count > 1,
            let largest = recipes.first(where: { $0.learning != nil }) ?? recipes.first,
            let available = PeakMemory.available
        else { return 1 }
        let memory = try MergePlan(largest, workers: Workers(1)).memory
        return max(1, min(workers.count, recipes.count, available * 7 / 10 / max(memory, 1)))
    }
}

extension AblationPlan {
    /// The jobs of one process of several; those that all others need are everybody's.
    fileprivate func jobs(of shard: (index: Int, count: Int)?) -> [AblationJob] {
        guard let shard else { return jobs }
        return jobs.enumerated().filter { index, job in
            if case .reference = job.content {
                true
            } else {
                index % shard.count == shard.index - 1
            }
        }.map(\.element)
    }
}

extension ResultsDirectory {
    fileprivate func lock(_ name: String) -> URL { locks.appending(path: name) }

    /// Adds a line to the journal.
    fileprivate func note(_ event: String, _ job: AblationJob) throws {
        struct Line: Encodable {
            let event, run, title: String
            let process: Int32
            let time: Double
        }
        let line = Line(
            event: event,
            run: job.identity.name,
            title: job.title,
            process: ProcessInfo.processInfo.processIdentifier,
            time: Date().timeIntervalSince1970
        )
        let data = try RunJSON.encode(line, pretty: false) + Data("\n".utf8)
        try AppendedFile.append(data, to: journal)
    }
}

/// Whether an error says that somebody asked for the end.
private func isInterruption(_ error: any Error) -> Bool {
    switch error {
    case ExperimentError.interrupted, ExperimentError.stopped, ExportError.interrupted: true
    default: error is CancellationError
    }
}
