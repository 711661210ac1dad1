internal import Foundation
internal import Tasks

/// What an experiment has found so far.
public struct ExperimentResults: Sendable {
    let index: ExperimentIndex
    /// Where the results lie.
    public let directory: ResultsDirectory
    /// A row per run, task and split, in the order of the experiment; those of the base and of the
    /// experts come first.
    let rows: [ResultRow]
    /// The answers of every run that is done, by its directory.
    let answers: [String: [TaskAnswers]]
    /// The tables of the analyses that are done, by study.
    let tables: [String: AnalysisTable]
    /// The runs and analyses that are not done.
    public let missing: Int

    init(_ index: ExperimentIndex, in directory: ResultsDirectory) throws {
        (self.index, self.directory) = (index, directory)
        let names = index.bases + index.experts + index.studies.flatMap { $0.rows.map(\.run) }
        var records: [String: RunRecord] = [:]
        var answers: [String: [TaskAnswers]] = [:]
        for name in Set(names) {
            guard let record = RunRecord.known(name, in: directory) else { continue }
            records[name] = record
            answers[name] = try record.answers(in: directory, named: name)
        }
        var tables: [String: AnalysisTable] = [:]
        for study in index.studies {
            guard let name = study.table,
                let table = try? RunJSON.decode(AnalysisTable.self, from: directory.table(name))
            else { continue }
            tables[study.name] = table
        }
        (self.answers, self.tables) = (answers, tables)
        let analyses = index.studies.compactMap { $0.table == nil ? nil : tables[$0.name] == nil }
        missing = Set(names).count - records.count + analyses.count { $0 }
        let reader = RowReader(records: records, answers: answers)
        let references = zip(index.bases, index.experts).flatMap { base, experts in
            [base, experts].flatMap {
                reader.rows("reference", [:], set: 0, run: $0, experts: experts)
            }
        }
        rows =
            references
            + index.studies.flatMap { study in
                study.rows.flatMap { row in
                    let settings = row.settings.map { ($0.axis, $0.value) }
                    return reader.rows(
                        study.name,
                        Dictionary(settings) { first, _ in first },
                        set: row.set,
                        run: row.run,
                        experts: row.experts
                    )
                }
            }
    }

    /// Reads the results of a directory.
    ///
    /// - Throws: ``ExperimentFileError/notResults(_:)`` where there are none.
    public init(in directory: ResultsDirectory) throws {
        guard let index = try? RunJSON.decode(ExperimentIndex.self, from: directory.index) else {
            throw ExperimentFileError.notResults(directory.url.path)
        }
        try self.init(index, in: directory)
    }

    /// The names of all axes, in the order of the studies.
    var axes: [String] { index.studies.flatMap(\.axes).unique }
}

/// Makes rows of records and answers.
private struct RowReader {
    let records: [String: RunRecord]
    let answers: [String: [TaskAnswers]]

    func rows(
        _ study: String,
        _ settings: [String: String],
        set: Int,
        run: String,
        experts: String
    ) -> [ResultRow] {
        guard let record = records[run] else { return [] }
        return (answers[run] ?? []).flatMap { entry -> [ResultRow] in
            guard let merged = entry.models["merged"] else { return [] }
            let expert = answers[experts]?.first {
                $0.task == entry.task && $0.split == entry.split
            }?.models["merged"]
            return entry.evaluations.compactMap { part in
                guard let scores = part.scores["merged"] else { return nil }
                let positions = entry.adapted.indices.filter {
                    entry.adapted[$0] == part.transductive
                }
                let best = expert.flatMap { expert in
                    expert.count == merged.count
                        ? Scores(expert.selecting(positions)).accuracy : nil
                }
                return ResultRow(
                    study: study,
                    settings: settings,
                    run: run,
                    method: record.method,
                    experts: record.experts,
                    set: set + 1,
                    seed: record.seed,
                    task: part.task,
                    split: part.split,
                    heldIn: record.scored.first { $0.task == part.task }?.isHeldIn ?? false,
                    transductive: part.transductive,
                    scores: scores,
                    normalizedAccuracy: scores.accuracy.flatMap { accuracy in
                        best.flatMap { $0 > 0 ? accuracy / $0 : nil }
                    },
                    step: record.step,
                    seconds: record.seconds,
                    memory: record.memory,
                    recipeHash: record.hash,
                    inputsHash: record.inputs,
                    coefficientsHash: record.coefficients
                )
            }
        }
    }
}
