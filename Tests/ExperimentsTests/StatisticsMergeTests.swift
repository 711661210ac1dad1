import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import TestSupport
import Testing

@Suite struct `Merges by statistics` {
    private func parameters(of merge: StatisticsFacts.Merge) -> [String: String] {
        var parameters: [String: String] = [:]
        parameters["alpha"] = merge.alpha.map { "\($0)" }
        parameters["gram"] = merge.gram
        parameters["floor"] = merge.floor.map { "\($0)" }
        parameters["kind"] = merge.fisher
        parameters["tail"] = merge.tail
        parameters["normalised"] = merge.normalised.map { "\($0)" }
        return parameters
    }

    /// A base like any other; what is not merged of it is as the reference has it.
    private func base(of reference: ReferenceCase, in folder: ModelFolder) throws -> URL {
        let expert = try reference.json(StatisticsFacts.self).experts[0].checkpoint
        let base = folder.file("base")
        if FileManager.default.fileExists(atPath: base.path) { return base }
        let wanted = try reference.tensors("regmean-plusplus-mean.safetensors")
        return try folder.copy(reference.file(expert), as: "base") { view in
            // The head stays with its expert, and no model reads a mask token.
            if view.name.contains("classifier") { return .stored(view) }
            if view.name.contains("mask_token") { return .stored(try wanted.view(view.name)) }
            return .floats(try view.tensor() * 2)
        }
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
            let recipe = try reference.recipe(
                merge.method,
                parameters(of: merge),
                base: merge.method == "regmean_plusplus" ? base(of: reference, in: folder) : nil
            )
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
        // Those behind merged blocks cannot come from a file.
        let merges = facts.merges.filter { $0.method != "regmean_plusplus" }
        for (index, merge) in merges.enumerated() {
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

    @Test func `behind merged blocks are refused from a file, and without data`() throws {
        let reference = try #require(ReferenceCase.statistics.first)
        let folder = try ModelFolder()
        let files = [folder.file("one"), folder.file("two")]
        var recipe = try reference.recipe(
            "regmean_plusplus",
            statistics: files,
            base: base(of: reference, in: folder)
        )
        func message() throws -> String {
            do { try Merge.run(recipe, to: folder.file("bad")) } catch { return "\(error)" }
            return ""
        }
        #expect(try message().contains("cannot come from a file"))
        recipe.models[0].statistics = nil
        #expect(try message().contains("needs data of its task"))
    }

    @Test func `collect anew what was collected with other draws`() throws {
        let reference = try #require(ReferenceCase.statistics.first)
        let folder = try ModelFolder()
        let name = try reference.json(StatisticsFacts.self).experts[0].checkpoint
        let file = folder.file("merged.run/\(name).fisher.safetensors")
        let bytes = try [UInt64](arrayLiteral: 0, 0, 1).map { seed -> Data in
            var recipe = try reference.recipe("fisher", ["kind": "sampled"])
            recipe.seed = seed
            try? FileManager.default.removeItem(at: folder.file("merged"))
            try Merge.run(recipe, to: folder.file("merged"), workers: Workers(2))
            return try Data(contentsOf: file)
        }
        #expect(bytes[0] == bytes[1])
        #expect(bytes[0] != bytes[2])
    }

    @Test(arguments: ["grid", "dirichlet"])
    func `by weights that were searched are those by these weights`(search: String) throws {
        let reference = try #require(ReferenceCase.statistics.first)
        let folder = try ModelFolder()
        let base = try base(of: reference, in: folder)
        let found = folder.file("found")
        let recipe = try reference.recipe(
            "fisher",
            ["search": search, "search_steps": "7"],
            base: base
        )
        try Merge.run(recipe, to: found, workers: Workers(2))
        let card = try String(contentsOf: found.appending(path: "README.md"), encoding: .utf8)
        let pattern =
            /The weights ([0-9.]+), ([0-9.]+) are the best of 7 \((\w+)\), with ([0-9.]+) %/
        let match = try #require(card.firstMatch(of: pattern))
        #expect(match.3 == search)
        let weights = try [match.1, match.2].map { try #require(Double($0)) }
        #expect(abs(weights[0] + weights[1] - 1) < 2e-3)
        var again = try reference.recipe("fisher", base: base)
        for index in 0..<2 {
            again.models[index].parameters["weight"] = .scalar(.number(weights[index]))
        }
        try Merge.run(again, to: folder.file("again"), workers: Workers(2))
        // The card says weights to three digits.
        try expectEqual(
            Checkpoint(at: found),
            Checkpoint(at: folder.file("again")),
            within: Tolerance(absolute: 5e-3)
        )
    }

    @Test func `search evenly, ends among the candidates, and two models alone on a grid`() throws {
        let grid = try WeightSearch.grid.candidates(models: 2, count: 5, seed: 0, method: "fisher")
        #expect(grid == [[1, 0], [0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [0, 1]])
        #expect(throws: MergeError.self) {
            try WeightSearch.grid.candidates(models: 3, count: 5, seed: 0, method: "fisher")
        }
        let drawn = try WeightSearch.dirichlet
            .candidates(models: 3, count: 2000, seed: 0, method: "fisher")
        #expect(drawn.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-12 && ($0.min() ?? -1) >= 0 })
        let means = (0..<3).map { model in drawn.reduce(0) { $0 + $1[model] } / 2000 }
        // The deviation of a share is √(1/18), of its mean over 2,000 0.0053.
        #expect(means.allSatisfy { abs($0 - 1.0 / 3) < 0.02 })
    }

    @Test func `take every label of few classes, and draw one of many`() throws {
        #expect(FisherLabels("auto") == .automatic)
        #expect(FisherLabels.automatic.resolved(classes: 64) == .exact)
        #expect(FisherLabels.automatic.resolved(classes: 65) == .sampled(1))
        #expect(
            FisherLabels.automatic.accepts(.exact) && !FisherLabels.automatic.accepts(.empirical)
        )
        let reference = try #require(ReferenceCase.statistics.first)
        let folder = try ModelFolder()
        try Merge.run(reference.recipe("fisher"), to: folder.file("merged"), workers: Workers(2))
        let name = try reference.json(StatisticsFacts.self).experts[0].checkpoint
        let file = try StatisticsFile(
            contentsOf: folder.file("merged.run/\(name).fisher.safetensors")
        )
        #expect(file.provenance.labels == .exact)
    }
}
