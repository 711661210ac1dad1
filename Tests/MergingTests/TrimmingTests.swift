import Checkpoints
import Merging
import Tensors
import Testing

/// Numbers of a kind, the same in every run.
private struct Numbers: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let values: [Float]

    private static func random(_ count: Int, _ name: String, _ map: (UInt64) -> Float) -> Numbers {
        var state: UInt64 = 42
        return Numbers(
            testDescription: name,
            values: (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return map(state >> 33)
            }
        )
    }

    /// Sizes around those of blocks, and numbers with many ties, zeros and subnormals.
    static let all = [
        random(1, "one", { _ in -3 }),
        random(7, "few") { Float($0 % 1000) - 500 },
        random(50_000, "distinct") { Float(Int($0 % 1_000_003) - 500_000) * 1e-5 },
        random(50_000, "of few values") { Float(Int($0 % 7) - 3) },
        random(40_000, "mostly zero") { $0 % 10 == 0 ? Float($0 % 5) : 0 },
        random(20_000, "all equal") { $0 % 2 == 0 ? 0.25 : -0.25 },
        random(20_000, "subnormal") { Float(bitPattern: UInt32($0 % 4000)) },
        random(20_000, "zero") { _ in 0 },
    ]
}

@Suite struct `Trimming agrees with sorting` {
    private let densities = [0.001, 0.2, 0.5, 0.73, 0.999, 1]

    @Test(arguments: Numbers.all)
    private func `the k-th largest magnitude is found`(numbers: Numbers) {
        let sorted = numbers.values.map(abs).sorted(by: >)
        let count = sorted.count
        for rank in Set([1, 2, count / 3, count / 2, count - 1, count]) where rank > 0 {
            guard rank <= count else { continue }
            var selection = MagnitudeSelection()
            // In two halves, as two workers would count them.
            let halves = [
                numbers.values.prefix(count / 2), numbers.values.suffix(count - count / 2),
            ]
            .map { Tensor([$0.count], Array($0)) }
            for pass in 0..<2 {
                var other = selection.emptied
                selection = selection.emptied
                selection.add(halves[0])
                other.add(halves[1])
                selection.merge(other)
                if pass == 0 { selection.narrow(toRank: rank) }
            }
            #expect(selection.result.threshold == sorted[rank - 1], "rank \(rank)")
            let above = sorted.prefix { $0 > sorted[rank - 1] }.count
            #expect(selection.result.ties == rank - above, "rank \(rank)")
        }
    }

    @Test(arguments: Numbers.all)
    private func `exactly the largest entries of a tensor stay, the first of equals`(
        numbers: Numbers
    ) throws {
        let values = numbers.values
        let models = try VectorModels(
            base: ["w": values.map { _ in 0 }],
            experts: [["w": values]]
        )
        for density in densities {
            let kept = Set(
                values.indices.sorted { (-abs(values[$0]), $0) < (-abs(values[$1]), $1) }
                    .prefix(max(1, Int(density * Double(values.count))))
            )
            let expected = values.indices.map { kept.contains($0) ? values[$0] : 0 }
            let options = TestOptions(merge: ["density": .number(density)])
            let found = try models.merged(.ties, options)["w"]
            #expect(found == expected, "density \(density)")
        }
    }

    @Test(arguments: Numbers.all)
    private func `one threshold holds for a whole model`(numbers: Numbers) throws {
        let values = numbers.values
        let cut = values.count / 3
        let models = try VectorModels(
            base: ["a": [Float](repeating: 0, count: cut), "b": values[cut...].map { _ in 0 }],
            experts: [["a": Array(values[..<cut]), "b": Array(values[cut...])]]
        )
        for density in densities {
            let rank = min(values.count, Int(density * Double(values.count)) + 1)
            let threshold = density < 1 ? values.map(abs).sorted(by: >)[rank - 1] : 0
            let expected = values.map { abs($0) >= threshold ? $0 : 0 }
            let options = TestOptions(
                merge: ["density": .number(density), "trim_scope": .text("model")]
            )
            let found = try models.merged(.ties, options)
            #expect(try #require(found["a"]) + #require(found["b"]) == expected, "\(density)")
        }
    }
}
