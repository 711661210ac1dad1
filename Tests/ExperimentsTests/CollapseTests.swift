import Testing

@testable import Experiments

@Suite struct `A collapse` {
    private let watch = CollapseWatch(expected: ["a": 2, "b": 0.05])

    private func history(_ a: [Double], _ b: [Double]) -> [HistoryEntry] {
        zip(a, b).enumerated().map { step, entropies in
            HistoryEntry(
                step: step,
                entropy: ["a": 0, "b": 0],
                marginalEntropy: ["a": entropies.0, "b": entropies.1],
                total: 0,
                gradientNorm: 0,
                seconds: 0
            )
        }
    }

    @Test func `is seen when the mean of three batches falls below half the expert's`() {
        let entropies = [1.9, 1.8, 1.2, 1.0, 0.7, 0.5, 0.4, 1.9, 1.9, 0.1, 0.1, 0.1]
        let all = history(entropies, entropies.map { _ in 0 })
        let alarms = all.indices.filter { watch.isAlarmed(by: all[...$0]) }
        // The means are 1.63, 1.33, 0.97, 0.73, 0.53, 0.93, 1.4, 1.3, 0.7, 0.1 from step 2 on.
        #expect(alarms == [4, 10])
    }

    @Test func `is no matter of an expert that itself names one class`() {
        let all = history([2, 2, 2, 2], [0, 0, 0, 0])
        #expect(!all.indices.contains { watch.isAlarmed(by: all[...$0]) })
    }

    @Test func `depends on the last steps alone, as a continued run knows them`() {
        let entropies = [2.0, 1.5, 0.9, 0.4, 0.3, 0.2]
        let all = history(entropies, entropies)
        for step in 4..<6 {
            let known = all[(step - 3)...step]
            #expect(watch.isAlarmed(by: all[...step]) == watch.isAlarmed(by: known))
        }
    }

    @Test func `is also a loss of agreement with the expert`() {
        func selection(_ agreement: Double, marginal: Double = 2) -> HistoryEntry.TaskSelection {
            .init(
                divergence: 0,
                agreement: agreement,
                marginalEntropy: marginal,
                expertMarginalEntropy: 2
            )
        }
        #expect(selection(0.39).hasDrifted(since: selection(0.5)))
        #expect(!selection(0.41).hasDrifted(since: selection(0.5)))
        #expect(!selection(0.1).hasDrifted(since: nil))
        #expect(selection(1, marginal: 0.99).hasCollapsed)
        #expect(!selection(1, marginal: 1.01).hasCollapsed)
    }
}
