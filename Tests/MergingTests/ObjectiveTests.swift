import Tensors
import Testing

@testable import Merging

/// A function that some method descends, at a point that is nothing special.
private struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let objective: any MatrixObjective
    let point: Tensor
}

private func random(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Tensor {
    var generator = SeededGenerator(seed: seed)
    return Tensor([rows, columns], (0..<rows * columns).map { _ in generator.normal() })
}

private func settings(
    _ space: ProjectionSpace = .uv,
    epsilon: Double = 0.9,
    power: Double = 1
) -> DualProjections.Settings {
    DualProjections.Settings(
        alpha: 0.8,
        balances: true,
        smooths: true,
        smoothing: 0.9,
        epsilon: epsilon,
        space: space,
        power: power
    )
}

private let shapes = [(4, 6), (6, 4), (5, 5), (1, 3)]

private let cases = shapes.flatMap { rows, columns -> [Case] in
    let vectors = (1...3).map { random(rows, columns, UInt64($0)) }
    let point = random(rows, columns, 9)
    var all = [
        Case(
            testDescription: "WUDI, \(rows)×\(columns)",
            objective: Interference(of: 3) { vectors[$0] },
            point: point
        ),
        Case(
            testDescription: "DOGE, \(rows)×\(columns)",
            objective: SharedCorrection(vectors, norm: 0.5, common: min(rows, columns) / 2),
            point: point
        ),
        Case(
            testDescription: "AWD, \(rows)×\(columns)",
            objective: Redundancy(vectors, alpha: 0.1),
            point: point
        ),
    ]
    for space in ProjectionSpace.allCases {
        let pair = DualProjections(
            merged: vectors[0],
            new: vectors[1],
            settings(space, power: space == .uv ? 0.5 : 1)
        )
        let name = "DOP \(space.rawValue), \(rows)×\(columns)"
        all.append(Case(testDescription: name, objective: pair.plasticity, point: point))
    }
    return all
}

@Suite struct `Objectives of merges` {
    @Test(arguments: cases)
    private func `have the gradients that finite differences give`(example: Case) {
        let gradient = example.objective.gradient(at: example.point).elements
        let largest = gradient.map(abs).max() ?? 0
        for index in gradient.indices {
            // Float's rounding and the curvature together are least for a step of this size.
            func value(_ step: Float) -> Double {
                var elements = example.point.elements
                elements[index] += step
                return example.objective.value(at: Tensor(example.point.shape, elements))
            }
            let step: Float = 0.005
            let moved = Double((example.point[index] + step) - (example.point[index] - step))
            let slope = (value(step) - value(-step)) / moved
            #expect(
                abs(slope - Double(gradient[index])) <= 2e-3 * Double(max(largest, 0.1)),
                "element \(index): \(gradient[index]), by differences \(slope)"
            )
        }
    }

    @Test func `WUDI's objective and its descent come out as worked by hand`() {
        let vectors = [Tensor([1, 2], [1, 0]), Tensor([1, 2], [1, 1])]
        let objective = Interference(of: 2) { vectors[$0] }
        let start = Tensor.zeros([1, 2])
        #expect(abs(objective.value(at: start) - 1.5) < 1e-6)
        #expect(objective.gradient(at: start).elements == [3, 1])
        let move = Descent(steps: 300, rate: 1e-5).run(
            from: start,
            gradient: objective.gradient
        )
        #expect(abs(2 + move[0] - 1.997003) < 1e-6 && abs(1 + move[1] - 0.997004) < 1e-6)
        #expect(abs(objective.value(at: move) - 1.488038) < 1e-5)
    }

    @Test func `AWD's objective comes out as worked by hand`() {
        let objective = Redundancy(
            [Tensor([1, 2], [1, 0]), Tensor([1, 2], [1, 1])],
            alpha: 0.1
        )
        let values = [[0, 0], [0.5, 0], [0.5, 0.5]].map {
            objective.value(at: Tensor([1, 2], $0))
        }
        for (found, expected) in zip(values, [0.707107, 0.497214, 0.070711]) {
            #expect(abs(found - expected) < 1e-5)
        }
        for slope in objective.gradient(at: .zeros([1, 2])).elements {
            #expect(abs(slope + 0.353553) < 1e-5)
        }
    }

    @Test func `AWD over the span of the task vectors is AWD on the vectors`() {
        let vectors = (1...3).map { random(2, 5, UInt64($0)) }
        let products = vectors.flatMap { a in vectors.map { a.dot($0) } }
        let spanned = SpannedRedundancy(InnerProducts(products, count: 3), alpha: 0.1)
        let direct = Redundancy(vectors, alpha: 0.1)
        for factors in [[0.2, -0.1, 0.4], [1, 0, 0], [0, 0, 0.0]] {
            func sum(_ factors: [Double]) -> Tensor {
                zip(vectors, factors).reduce(into: .zeros([2, 5])) {
                    $0.add($1.0, times: Float($1.1))
                }
            }
            let point = sum(factors)
            #expect(abs(spanned.value(at: factors) - direct.value(at: point)) < 1e-6)
            let found = sum(spanned.gradient(at: factors)).elements
            for (slope, expected) in zip(found, direct.gradient(at: point).elements) {
                #expect(abs(slope - expected) < 1e-5)
            }
        }
    }

    @Test func `DOGE's objective and projection come out as worked by hand`() {
        let objective = SharedCorrection(
            [Tensor([2, 2], [3, 0, 0, 1]), Tensor([2, 2], [0.5, 1.5, 1.5, 0.5])],
            norm: 0.07,
            common: 1
        )
        let start = Tensor.zeros([2, 2])
        #expect(abs(objective.value(at: start) - 89.071621) < 1e-3)
        let gradient = objective.gradient(at: start)
        for (found, expected) in zip(
            gradient.elements + objective.projected(gradient).elements,
            [-2.934517, -0.382936, -0.386485, -0.231671, -0.293107, 0.025828, 0.707623, -0.062355]
        ) {
            #expect(abs(Double(found) - expected) < 1e-4)
        }
    }

    @Test func `DOP's distances come out as worked by hand`() {
        func losses(_ space: ProjectionSpace, _ epsilon: Double) -> [Double] {
            let pair = DualProjections(
                merged: Tensor([2, 2], [2, 0, 0, 1]),
                new: Tensor([2, 2], [0, 3, 1, 0]),
                settings(space, epsilon: epsilon)
            )
            let start = Tensor.zeros([2, 2])
            return [pair.stability.value(at: start), pair.plasticity.value(at: start)]
        }
        for (found, expected) in zip(
            losses(.u, 0.99999) + losses(.v, 0.99999),
            [13, 29.25, 5, 22.5]
        ) {
            #expect(abs(found - expected) < 1e-4)
        }
    }

    @Test func `descents make no step where there is none to make`() {
        let start = random(2, 3, 1)
        let end = Descent(steps: 0, rate: 1).run(from: start) { $0 }
        #expect(end.elements == start.elements)
    }
}
