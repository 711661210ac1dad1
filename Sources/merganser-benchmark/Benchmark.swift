import ArgumentParser
import Foundation
import Tensors

@main
struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merganser-benchmark",
        abstract: "Times Merganser's workloads against the rate of matrix products."
    )

    @Argument(help: "The workloads: gemm, learn-minilm.")
    var workloads: [String] = ["gemm", "learn-minilm"]

    @Option(help: "Where the synthetic checkpoints are made.")
    var directory: String

    @Option(help: "The number of steps that are timed.")
    var steps = 7

    @Option(help: "The number of threads.")
    var threads: Int?

    @Flag(help: "Print JSON, one object a line.")
    var json = false

    func run() throws {
        ScratchMemory.keep()
        let workers = threads.map(Workers.init) ?? .all
        let ceiling = try Ceiling.measure(workers)
        for workload in workloads {
            let measurement =
                switch workload {
                case "gemm":
                    Measurement(workload: "gemm", seconds: 1e12 / ceiling, floorSeconds: nil)
                case "learn-minilm": try learn(workers, ceiling)
                default: throw ValidationError("\(workload) is not a workload.")
                }
            try report(measurement, ceiling, workers)
        }
    }

    private func learn(_ workers: Workers, _ ceiling: Double) throws -> Measurement {
        let models = SyntheticModels(directory: URL(filePath: directory), experts: 4)
        try models.write()
        let measurement = try LearnMiniLM(models: models, workers: workers)
            .run(steps: steps, ceiling: ceiling)
        // The machine is shared: the ceiling counts as it was around the workload.
        let after = try Ceiling.measure(workers, rounds: 3)
        var adjusted = measurement
        let floor = LearnMiniLM.operations / max(ceiling, after)
        adjusted.floorSeconds = floor
        adjusted.ofCeiling = floor / measurement.seconds
        return adjusted
    }

    private func report(_ m: Measurement, _ ceiling: Double, _ workers: Workers) throws {
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            print(String(decoding: try encoder.encode(m), as: UTF8.self))
            return
        }
        func number(_ value: Double, _ digits: Int) -> String {
            value.formatted(.number.precision(.fractionLength(digits)).grouping(.never))
        }
        if m.workload == "gemm" {
            print(
                "gemm          \(number(ceiling / 1e9, 0)) GFLOP/s float32, "
                    + "\(workers.count) threads, OpenBLAS kernel \(LinearAlgebra.kernel)"
            )
        } else {
            let floor = m.floorSeconds.map { ", floor \(number($0, 3)) s" } ?? ""
            let share = m.ofCeiling.map { ", \(number(100 * $0, 1)) % of the ceiling" } ?? ""
            let memory =
                m.anonymousBytes.map { ", \($0 / 1_000_000) MB beyond mapped files" } ?? ""
            print("\(m.workload)  \(number(m.seconds, 3)) s a step\(floor)\(share)\(memory)")
        }
    }
}
