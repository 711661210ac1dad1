import Tensors
import Testing

@Suite struct `Elements that are chosen` {
    private let count = 1_003

    private func random(_ name: String) -> Tensor {
        var generator = SeededGenerator(seed: 2, name)
        // Zeros, too.
        return Tensor([count], (0..<count).map { $0 % 9 == 4 ? 0 : generator.normal() })
    }

    @Test func `at random do not depend on how a vector is cut`() {
        let (vector, generator) = (random("x"), SeededGenerator(seed: 4, "w", 1))
        func dropped(_ range: Range<Int>) -> [Float] {
            var part = vector.elements(in: range)
            part.drop(
                keeping: Tensor([range.count], repeating: 0.3),
                rescaling: true,
                by: generator,
                from: range.lowerBound
            )
            return part.elements
        }
        let whole = dropped(0..<count)
        // Odd and even starts, shorter and longer than what is drawn at once.
        let cuts = [0, 1, 2, 129, 130, 131, 386, 641, count]
        #expect(zip(cuts, cuts.dropFirst()).flatMap { dropped($0..<$1) } == whole)
        let kept = whole.indices.filter { whole[$0] != 0 }
        #expect(kept.allSatisfy { whole[$0] == vector[$0] / 0.3 })
        // 892 elements are not 0: five standard deviations around 0.3 of them.
        let deviation = (892 * 0.3 * 0.7 as Double).squareRoot()
        let expected: Double = 892 * 0.3
        #expect(abs(Double(kept.count) - expected) < 5 * deviation)
    }

    @Test func `at random stay as often in both halves of a number that is drawn`() {
        let size = 100_000
        var ones = Tensor([size], repeating: 1)
        ones.drop(
            keeping: Tensor([size], repeating: 0.2),
            rescaling: false,
            by: SeededGenerator(seed: 9, "halves"),
            from: 0
        )
        let kept = ones.elements
        func share(_ places: [Int]) -> Double {
            places.reduce(0) { $0 + Double(kept[$1]) } / Double(places.count)
        }
        let pairs = Double(size / 2)
        func limit(_ share: Double) -> Double { 5 * (share * (1 - share) / pairs).squareRoot() }
        for half in 0..<2 {
            let found = share(Array(stride(from: half, to: size, by: 2)))
            #expect(abs(found - 0.2) < limit(0.2))
        }
        // Of both halves one is as likely where the other is there: neither tells of the other.
        let both = stride(from: 0, to: size, by: 2).map { kept[$0] * kept[$0 + 1] }
        #expect(abs(Double(both.reduce(0, +)) / pairs - 0.04) < limit(0.04))
    }

    @Test(arguments: [1, 7, 256, 500]) func `by their rank are found block by block`(size: Int) {
        // Many are equal, and some are 0.
        let whole = Tensor([count], random("x").elements.map { ($0 * 20).rounded() })
        let starts = Array(stride(from: 0, to: count, by: size))
        func block(_ start: Int) -> Tensor {
            whole.elements(in: start..<min(start + size, count))
        }
        let order = MagnitudeOrder(count: count) { show in
            for start in starts { show(block(start)) }
        }
        // The ranks in the only row.
        let sorted = whole.elements.indices.sorted {
            abs(whole[$0]) != abs(whole[$1]) ? abs(whole[$0]) < abs(whole[$1]) : $0 > $1
        }
        var expected = [Float](repeating: 0, count: count)
        for (rank, place) in sorted.enumerated() { expected[place] = Float(rank) }
        #expect(starts.flatMap { order.ranks(of: block($0), from: $0).elements } == expected)
        #expect(whole.magnitudeRanks(inRowsOf: count).elements == expected)
    }

    @Test func `agree with an elected sign`() {
        let (vector, sign) = (random("x"), random("sign"))
        var (sum, weights) = (random("sum"), random("weights"))
        let (sumBefore, weightsBefore) = (sum.elements, weights.elements)
        sign.addAgreeing(vector, weight: 0.5, to: &sum, weights: &weights)
        for i in 0..<count {
            let agrees = vector[i] != 0 && (vector[i] > 0) == (sign[i] >= 0)
            #expect(sum[i] == sumBefore[i] + (agrees ? vector[i] : 0))
            #expect(weights[i] == weightsBefore[i] + (agrees ? 0.5 : 0))
        }
    }

    @Test func `by their magnitude are counted`() {
        let numbers = Tensor([7], [1, -2, 2, 0, 3, -2, .nan])
        #expect(numbers.count(ofMagnitude: 2) == 3)
        #expect(numbers.count(ofMagnitude: 0) == 1)
        #expect(numbers.count(ofMagnitude: 5) == 0)
    }
}
