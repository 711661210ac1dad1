import ArgumentParser
import Checkpoints
import Foundation
import Merging
import Tensors

@main
struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merganser-benchmark",
        abstract: "Times Merganser's workloads against what the machine can do at the same time."
    )

    enum Workload: String, CaseIterable, ExpressibleByArgument {
        case gemm
        case learnMiniLM = "learn-minilm"
        case learnViT = "learn-vit-b32"
        case forwardViT = "forward-vit-b32"
        case mergeLinear = "merge-linear"
        case mergeLinearAgain = "merge-linear-again"
        case mergeTaskArithmetic = "merge-task-arithmetic"
        case mergeTIES = "merge-ties"
        case mergeDARE = "merge-dare-ties"
        case svd
        case svdIsotropic = "svd-iso-c"
        case gram, fisher, solve
    }

    @Argument(help: "The workloads; all of them where none is named.")
    var workloads = Workload.allCases

    @Option(help: "Where the synthetic checkpoints are made.")
    var directory: String

    @Option(help: "How often each workload is timed.")
    var steps = 7

    @Option(help: "The number of threads.")
    var threads: Int?

    @Flag(name: .customLong("bfloat16"), help: "Store the experts of CLIP in bfloat16.")
    var isHalved = false

    @Flag(help: "Print JSON, one object a line.")
    var json = false

    func run() throws {
        ScratchMemory.keep()
        let workers = threads.map(Workers.init) ?? .all
        let url = URL(filePath: directory)
        let ceiling = try Ceiling(workers)
        for workload in workloads {
            let name = workload.rawValue
            // Hashes of inputs are kept in the user's cache; below a file, nothing is.
            let isFirst = workload != .mergeLinearAgain
            // The strings are C strings for the duration of the call.
            unsafe setenv(
                "XDG_CACHE_HOME",
                isFirst ? "/dev/null" : url.appending(path: "cache").path,
                1
            )
            let merge = MergeByRule(
                directory: url,
                workers: workers,
                models: SmallLlama.models(in: url),
                dtype: "bfloat16"
            )
            let clip = LearnCLIP(
                directory: url,
                dtype: isHalved ? .bfloat16 : .float32,
                ceiling: ceiling
            )
            switch workload {
            case .gemm: try reportCeiling(ceiling)
            case .learnMiniLM:
                try report(LearnMiniLM(directory: url, ceiling: ceiling).run(steps: steps))
            case .learnViT: try report(clip.learn(steps: steps))
            case .forwardViT: try report(clip.evaluate(steps: steps))
            case .mergeLinear, .mergeLinearAgain:
                try report(merge.run(name, "linear", each: "weight: 1", steps: steps))
            case .mergeTaskArithmetic:
                try report(merge.run(name, "task_arithmetic", each: "weight: 0.3", steps: steps))
            case .mergeTIES, .mergeDARE:
                let method = workload == .mergeTIES ? "ties" : "dare_ties"
                let each = "weight: 0.3, density: 0.2"
                try report(merge.run(name, method, each: each, steps: steps))
            case .svd, .svdIsotropic:
                let matrices = MergeByRule(
                    directory: url,
                    workers: workers,
                    models: try CLIPViTB32(directory: url, experts: .float32).models,
                    dtype: "float32"
                )
                let method = workload == .svd ? "tsv_m" : "iso_c"
                try report(matrices.run(name, method, steps: steps))
            case .solve: try report(SolveEquations(workers: workers).run(steps: steps))
            case .gram, .fisher:
                for model in [CollectStatistics.Model.miniLM, .viT] {
                    let run = CollectStatistics(model: model, directory: url, ceiling: ceiling)
                    try report(
                        workload == .gram ? run.gram(steps: steps) : run.fisher(steps: steps)
                    )
                }
            }
        }
    }

    private func reportCeiling(_ ceiling: Ceiling) throws {
        let rates = try (0..<steps).map { _ in try ceiling.measure() }
        guard !json else {
            let line = Measurement("gemm", runs: rates.map { (1e12 / $0, 1e12 / $0) })
            return try printJSON(line)
        }
        print(
            "gemm  \(number(rates.median / 1e9, 0)) GFLOP/s float32, "
                + "\(ceiling.workers.count) threads, OpenBLAS kernel \(LinearAlgebra.kernel)"
        )
    }

    private func report(_ measurement: Measurement) throws {
        guard !json else { return try printJSON(measurement) }
        if let reference = measurement.reference, let times = measurement.timesReference {
            print(
                "\(measurement.workload)  \(number(measurement.seconds, 3)) s, "
                    + "\(number(times, 2)) times \(reference), "
                    + "\(measurement.anonymousBytes / 1_000_000) MB beyond mapped files"
            )
            return
        }
        print(
            "\(measurement.workload)  \(number(measurement.seconds, 3)) s, "
                + "floor \(number(measurement.floorSeconds, 3)) s, "
                + "\(number(100 * measurement.ofCeiling, 1)) % of the ceiling, "
                + "\(measurement.anonymousBytes / 1_000_000) MB beyond mapped files"
        )
        if let shares = measurement.shares { print("  of a step: \(text(shares))") }
    }

    /// What each phase of a step takes of its time, and what is left between them.
    private func text(_ shares: [String: Double]) -> String {
        let phases = CoefficientLearner.Phase.allCases.map(\.rawValue)
        let known = phases.map { (name: $0, share: shares[$0] ?? 0) }
        let rest = (name: "rest", share: known.reduce(1) { $0 - $1.share })
        return (known + [rest]).map { "\($0.name) \(number(100 * $0.share, 1)) %" }
            .joined(separator: ", ")
    }

    private func printJSON(_ measurement: Measurement) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        print(String(decoding: try encoder.encode(measurement), as: UTF8.self))
    }

    private func number(_ value: Double, _ digits: Int) -> String {
        value.formatted(.number.precision(.fractionLength(digits)).grouping(.never))
    }
}
