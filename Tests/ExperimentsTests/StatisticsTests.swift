import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import TestSupport
import Testing

@Suite struct `Statistics` {
    private func collect(
        _ kind: StatisticsFile.Kind,
        _ expert: Int,
        of reference: ReferenceCase,
        to output: URL,
        workers: Int = 2,
        adapt: String = "all",
        _ change: (inout StatisticsCollection.Options) -> Void = { _ in }
    ) throws -> StatisticsFile {
        let facts = try reference.json(StatisticsFacts.self)
        var options = StatisticsCollection.Options()
        change(&options)
        _ = try StatisticsCollection.run(
            kind,
            of: reference.file(facts.experts[expert].checkpoint).path,
            with: reference.recipe("regmean", adapt: adapt),
            to: output,
            options,
            workers: Workers(workers)
        )
        return try StatisticsFile(contentsOf: output)
    }

    private func expectEqual(
        _ found: Tensor,
        _ wanted: Tensor,
        _ limits: StatisticsFacts.Limits,
        _ name: String
    ) {
        let tolerance = Tolerance(
            absolute: limits.of_tensor_largest * Double(wanted.largestMagnitude)
                + (limits.absolute ?? 0),
            relative: limits.relative ?? 0
        )
        let excess = tolerance.excess(of: found.elements, over: wanted.elements)
        #expect(excess <= 0, "\(name) is off by \(excess) more than allowed")
    }

    @Test(arguments: ReferenceCase.statistics)
    func `Gram matrices are the reference's`(of reference: ReferenceCase) throws {
        let facts = try reference.json(StatisticsFacts.self)
        let limits = try #require(facts.tolerance["gram"])
        let folder = try ModelFolder()
        for (index, expert) in facts.experts.enumerated() {
            let wanted = try reference.tensors(expert.gram)
            for (number, isFull) in [true, false].enumerated() {
                let file = try collect(
                    .gram,
                    index,
                    of: reference,
                    to: folder.file("\(index)-\(number).safetensors")
                ) {
                    $0.isFull = isFull
                    // Little memory: the data are run again for every few matrices.
                    $0.memory = isFull ? 8 << 10 : 4 << 30
                }
                for name in wanted.names {
                    let view = try wanted.view(name)
                    let triangle = try file.triangle(of: name, width: view.shape[0])
                    let found = triangle.symmetric(width: view.shape[0])
                    try expectEqual(found, view.tensor(), limits, name)
                    #expect(file.rows[name] == expert.gram_rows[name], "\(name)")
                }
                // Beyond the reference's there is the patch projection alone.
                #expect(
                    Set(file.names).subtracting(wanted.names).allSatisfy { $0.contains("patch") }
                )
                #expect(file.provenance.examples == expert.examples)
            }
        }
    }

    @Test(arguments: ReferenceCase.statistics)
    func `Fisher information is the reference's`(of reference: ReferenceCase) throws {
        let facts = try reference.json(StatisticsFacts.self)
        let limits = try #require(facts.tolerance["fisher"])
        let folder = try ModelFolder()
        for (index, expert) in facts.experts.enumerated() {
            for (labels, name) in [
                (FisherLabels.exact, expert.fisher_exact),
                (.empirical, expert.fisher_empirical),
            ] {
                let wanted = try reference.tensors(name)
                let output = folder.file("\(index)-\(labels.text).safetensors")
                let file = try collect(.fisher, index, of: reference, to: output) {
                    $0.labels = labels
                }
                #expect(Set(file.names) == Set(wanted.names))
                for name in wanted.names {
                    let view = try wanted.view(name)
                    let found = try file.information(of: name, shape: view.shape)
                    try expectEqual(found, view.tensor(), limits, "\(labels.text) \(name)")
                }
            }
        }
    }

    @Test func `sampled information comes near the expectation`() throws {
        let reference = try #require(ReferenceCase.statistics.first)
        let folder = try ModelFolder()
        let exact = try collect(.fisher, 0, of: reference, to: folder.file("exact"))
        let sampled = try collect(.fisher, 0, of: reference, to: folder.file("sampled")) {
            $0.labels = .sampled(400)
        }
        let name = try #require(exact.names.first { $0.hasPrefix("classifier") })
        let shape = try exact.shape(of: name)
        let (a, b) = try (
            exact.information(of: name, shape: shape), sampled.information(of: name, shape: shape)
        )
        #expect((a - b).largestMagnitude < 0.05 * a.largestMagnitude)
    }

    @Test func `are stored in half the size, and inspected`() throws {
        let reference = try #require(ReferenceCase.statistics.first)
        let folder = try ModelFolder()
        let (whole, half) = (folder.file("whole"), folder.file("half"))
        let exact = try collect(.gram, 0, of: reference, to: whole)
        let rounded = try collect(.gram, 0, of: reference, to: half) { $0.isHalf = true }
        for name in exact.names {
            let (a, b) = try (exact.tensor(name), rounded.tensor(name))
            #expect((a - b).largestMagnitude <= 0x1p-8 * a.largestMagnitude, "\(name)")
        }
        let text = try Inspections.of(half).text(width: nil)
        #expect(text.contains("Gram matrices") && text.contains(exact.provenance.model))
        for name in exact.names { #expect(text.contains(name)) }
        #expect(
            try Inspections.of(
                reference.file("case.json").deletingLastPathComponent()
                    .appending(path: "gram-1.safetensors")
            ).text(width: nil).contains("total")
        )
    }

    @Test func `are in the plan of a merge that collects them, and not where there are files`()
        throws
    {
        let reference = try #require(ReferenceCase.statistics.first)
        let collecting = try MergePlan(reference.recipe("fisher"), workers: Workers(2))
        #expect(collecting.tasks.map(\.name) == ["task-0", "task-1"])
        let folder = try ModelFolder()
        try Merge.run(reference.recipe("fisher"), to: folder.file("merged"), workers: Workers(2))
        let files = try reference.json(StatisticsFacts.self).experts.map {
            folder.file("merged.run/\($0.checkpoint).fisher.safetensors")
        }
        let reading = try MergePlan(
            reference.recipe("fisher", statistics: files),
            workers: Workers(2)
        )
        #expect(reading.tasks.isEmpty && reading.operations < collecting.operations)
    }

    @Test(arguments: ReferenceCase.statistics, [StatisticsFile.Kind.gram, .fisher])
    func `have the same bits for any number of workers`(
        of reference: ReferenceCase,
        kind: StatisticsFile.Kind
    ) throws {
        let folder = try ModelFolder()
        let bytes = try [1, 2, 5].map { workers in
            let output = folder.file("\(workers)")
            _ = try collect(kind, 0, of: reference, to: output, workers: workers)
            return try Data(contentsOf: output)
        }
        #expect(bytes.allSatisfy { $0 == bytes[0] })
    }

    @Test(arguments: ReferenceCase.statistics, [StatisticsFile.Kind.gram, .fisher])
    func `of two halves add up to those of the whole`(
        of reference: ReferenceCase,
        kind: StatisticsFile.Kind
    ) throws {
        let folder = try ModelFolder()
        let whole = try collect(kind, 0, of: reference, to: folder.file("whole"))
        let half = whole.provenance.examples / 2
        for (name, split) in [("first", "all[:\(half)]"), ("rest", "all[\(half):]")] {
            _ = try collect(kind, 0, of: reference, to: folder.file(name), adapt: split)
        }
        let output = folder.file("sum")
        let result = try StatisticsSum.write(
            [folder.file("first"), folder.file("rest")],
            to: output
        )
        #expect(result.examples == whole.provenance.examples)
        let sum = try StatisticsFile(contentsOf: output)
        #expect(sum.rows == whole.rows)
        for name in whole.names {
            let (a, b) = try (sum.tensor(name), whole.tensor(name))
            #expect((a - b).largestMagnitude <= 2e-6 * b.largestMagnitude, "\(name)")
        }
        let other = try collect(kind, 1, of: reference, to: folder.file("other"))
        #expect(throws: StatisticsError.self) {
            try StatisticsSum.write([output, other.url], to: folder.file("wrong"))
        }
    }
}
