import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import TestSupport
import Testing
import Transformers

/// What a case of statistics says, in `case.json`.
private struct StatisticsFacts: Decodable {
    struct Expert: Decodable {
        var checkpoint, data, gram, fisher_exact, fisher_empirical: String
        var examples: Int
        var gram_rows: [String: Int]
    }
    struct Merge: Decodable {
        struct Limits: Decodable {
            var from_stored_statistics_of_tensor_largest: Double
            var from_own_statistics_of_tensor_largest: Double
        }
        var file, method: String
        var alpha, floor: Double?
        var gram, fisher: String?
        var normalised: Bool?
        var tolerance: Limits
    }
    struct Limits: Decodable {
        var of_tensor_largest: Double
        var relative, absolute: Double?
    }
    var architecture: String
    var experts: [Expert]
    var merged_parameters: [String]
    var head_parameters: [String]
    var merges: [Merge]
    var tolerance: [String: Limits]
}

extension ReferenceCase {
    /// The cases of classes of models that there are.
    fileprivate static let statistics = all("statistics") { _ in true }.filter { reference in
        let facts = try? reference.json(StatisticsFacts.self)
        return facts.map { Architectures.named($0.architecture) != nil } ?? true
    }

    /// A recipe over the experts of the case, their data or their files of statistics.
    fileprivate func recipe(
        _ method: String,
        _ parameters: [String: String] = [:],
        statistics: [URL]? = nil,
        adapt: String = "all"
    ) throws -> Recipe {
        let experts = try json(StatisticsFacts.self).experts
        var lines = ["merge_method: \(method)", "models:"]
        for (index, expert) in experts.enumerated() {
            lines.append("  - model: \(file(expert.checkpoint).path)")
            if let statistics { lines.append("    statistics: \(statistics[index].path)") }
        }
        if statistics == nil {
            lines.append("tasks:")
            for (index, expert) in experts.enumerated() {
                lines.append(
                    "  - {name: task-\(index), data: \(file(expert.data).path), adapt: '\(adapt)'}"
                )
            }
        }
        lines.append("parameters:")
        lines += parameters.sorted { $0.key < $1.key }.map { "  \($0): \($1)" }
        if parameters.isEmpty { lines.append("  {}") }
        return try Recipe(
            RecipeDocument(lines.joined(separator: "\n")),
            methods: MethodSignature.all
        )
    }
}

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

    @Test(arguments: ReferenceCase.statistics, StatisticsFile.Kind.allCases)
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

    @Test(arguments: ReferenceCase.statistics, StatisticsFile.Kind.allCases)
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

@Suite struct `Merges by statistics` {
    private func parameters(of merge: StatisticsFacts.Merge) -> [String: String] {
        var parameters: [String: String] = [:]
        parameters["alpha"] = merge.alpha.map { "\($0)" }
        parameters["gram"] = merge.gram
        parameters["floor"] = merge.floor.map { "\($0)" }
        parameters["kind"] = merge.fisher
        parameters["normalised"] = merge.normalised.map { "\($0)" }
        return parameters
    }

    private func expect(
        _ output: URL,
        _ merge: StatisticsFacts.Merge,
        _ share: Double,
        of reference: ReferenceCase
    ) throws {
        let (found, wanted) = try (Checkpoint(at: output), reference.tensors(merge.file))
        for name in wanted.names {
            let tensor = try wanted.view(name).tensor()
            let limit = share * Double(tensor.largestMagnitude)
            let excess = try Tolerance(absolute: limit)
                .excess(of: found.view(name).tensor().elements, over: tensor.elements)
            #expect(excess <= 0, "\(merge.file): \(name) is off by \(excess) more than allowed")
        }
    }

    @Test(arguments: ReferenceCase.statistics)
    func `from data are the reference's`(of reference: ReferenceCase) throws {
        let facts = try reference.json(StatisticsFacts.self)
        let folder = try ModelFolder()
        for (index, merge) in facts.merges.enumerated() {
            let output = folder.file("\(index)")
            let recipe = try reference.recipe(merge.method, parameters(of: merge))
            try Merge.run(recipe, to: output, workers: Workers(2))
            try expect(
                output,
                merge,
                merge.tolerance.from_own_statistics_of_tensor_largest,
                of: reference
            )
            // The head of the first expert stays as it is.
            let first = try Checkpoint(at: reference.file(facts.experts[0].checkpoint))
            for name in facts.head_parameters {
                #expect(
                    try Checkpoint(at: output).view(name).tensor().elements
                        == first.view(name).tensor().elements
                )
            }
        }
    }

    @Test(arguments: ReferenceCase.statistics)
    func `from the reference's statistics are the reference's`(of reference: ReferenceCase) throws {
        let facts = try reference.json(StatisticsFacts.self)
        let folder = try ModelFolder()
        for (index, merge) in facts.merges.enumerated() {
            let kind: StatisticsFile.Kind = merge.method == "fisher" ? .fisher : .gram
            let files = try facts.experts.enumerated().map { number, expert in
                let stored =
                    kind == .gram
                    ? expert.gram
                    : merge.fisher == "exact" ? expert.fisher_exact : expert.fisher_empirical
                let file = folder.file("\(index)-\(number).safetensors")
                let weights = reference.file(expert.checkpoint).appending(path: "model.safetensors")
                let provenance = StatisticsFile.Provenance(
                    model: try SHA256Hash.ofFile(weights),
                    data: "",
                    split: "all",
                    examples: expert.examples,
                    labels: merge.fisher.flatMap { FisherLabels($0) },
                    version: "reference"
                )
                let tensors = try reference.tensors(stored)
                try SafeTensors.write(
                    tensors.names.map { ($0, .stored(try tensors.view($0))) },
                    metadata: provenance.metadata(kind, rows: expert.gram_rows),
                    to: file
                )
                return file
            }
            let recipe = try reference.recipe(
                merge.method,
                parameters(of: merge),
                statistics: files
            )
            let output = folder.file("\(index)")
            try Merge.run(recipe, to: output, workers: Workers(2))
            try expect(
                output,
                merge,
                merge.tolerance.from_stored_statistics_of_tensor_largest,
                of: reference
            )
        }
    }

    @Test(arguments: ReferenceCase.statistics, ["regmean", "fisher"])
    func `from files and from data have the same bytes`(
        of reference: ReferenceCase,
        method: String
    ) throws {
        let folder = try ModelFolder()
        let (fromData, fromFiles) = (folder.file("data"), folder.file("files"))
        try Merge.run(reference.recipe(method), to: fromData, workers: Workers(1))
        let kind = method == "fisher" ? "fisher" : "gram"
        let files = try reference.json(StatisticsFacts.self).experts.map {
            folder.file("data.run/\($0.checkpoint).\(kind).safetensors")
        }
        // What is published need not lie where it was made.
        let published = try files.map { file in
            let copy = folder.file("published-\(file.lastPathComponent)")
            try FileManager.default.copyItem(at: file, to: copy)
            return copy
        }
        try Merge.run(
            reference.recipe(method, statistics: published),
            to: fromFiles,
            workers: Workers(3)
        )
        let models = try [fromData, fromFiles].map {
            try Data(contentsOf: $0.appending(path: "model.safetensors"))
        }
        #expect(models[0] == models[1])
        // The same statistics are not collected again.
        let dates = try files.map { try $0.resourceValues(forKeys: [.contentModificationDateKey]) }
        try FileManager.default.removeItem(at: fromData)
        try Merge.run(reference.recipe(method), to: fromData, workers: Workers(1))
        for (file, date) in zip(files, dates) {
            let now = try file.resourceValues(forKeys: [.contentModificationDateKey])
            #expect(now.contentModificationDate == date.contentModificationDate)
        }
    }

    @Test func `refuse statistics that are not of their models, saying why`() throws {
        let reference = try #require(ReferenceCase.statistics.first)
        let folder = try ModelFolder()
        try Merge.run(reference.recipe("regmean"), to: folder.file("good"), workers: Workers(2))
        let names = try reference.json(StatisticsFacts.self).experts.map(\.checkpoint)
        let files = names.map { folder.file("good.run/\($0).gram.safetensors") }
        let output = folder.file("bad")
        func message(_ method: String, _ files: [URL]) throws -> String {
            let recipe = try reference.recipe(method, statistics: files)
            do { try Merge.run(recipe, to: output) } catch { return "\(error)" }
            return ""
        }
        #expect(try message("regmean", files.reversed()).contains("from another model"))
        #expect(try message("fisher", files).contains("Gram matrices"))
        let weights = reference.file(names[0]).appending(path: "model.safetensors")
        #expect(try message("regmean", [weights, weights]).contains("no kind"))
        #expect(!FileManager.default.fileExists(atPath: output.path))
    }
}
