import Foundation
import Testing

@testable import Tasks

struct ScoresTests {
    /// From the formula in Python; 371 of 400 agrees with SciPy's `proportion_ci(method="wilson")`.
    @Test(arguments: [
        (0, 10, 0.0, 0.2775327998628892),
        (10, 10, 0.7224672001371107, 1.0),
        (5, 10, 0.236593090512564, 0.7634069094874361),
        (1, 400, 0.0004414477868016362, 0.01402328507582339),
        (371, 400, 0.8978175067464532, 0.9490494815977232),
        (1, 1, 0.20654931437723745, 1.0),
        (999, 1000, 0.9943574414020421, 0.9998234536293739),
        (0, 0, 0.0, 1.0),
    ])
    func `intervals are Wilson's`(successes: Int, trials: Int, lower: Double, upper: Double) {
        let interval = WilsonInterval(successes: successes, trials: trials)
        // Two roundings of the last bit apart at most.
        #expect(abs(interval.lower - lower) < 1e-15)
        #expect(abs(interval.upper - upper) < 1e-15)
    }

    @Test func `scores are means over the examples`() throws {
        let scores = Scores(
            entropies: [0.5, 0.25, 0],
            losses: [1, 0.5, 3],
            predictions: [0, 2, 1],
            labels: [0, 2, 2]
        )
        #expect(scores.accuracy == 2.0 / 3)
        #expect(scores.entropy == 0.25)
        #expect(scores.loss == 1.5)
        #expect(scores.examples == 3)
        let copy = try JSONDecoder().decode(Scores.self, from: JSONEncoder().encode(scores))
        #expect(copy == scores)
    }

    @Test func `without labels there is an entropy and nothing else`() throws {
        let scores = Scores(entropies: [1, 2])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = String(decoding: try encoder.encode(scores), as: UTF8.self)
        #expect(json == #"{"entropy":1.5,"examples":2}"#)
    }
}
