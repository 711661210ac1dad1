internal import Foundation
internal import Tensors

// The paper's own form of PCB (arXiv:2410.02396), in which entries compete by a softmax over the model:
//
//     βₖ = softmax(K·N(τₖ∘τₖ)) ∘ Σⱼ softmax(N(τₖ∘τⱼ)),  the largest ones kept
//     θ = θ₀ + λ · Σₖ βₖ·τₖ / Σₖ βₖ
//
// N: from 0 for the least product of the model to 1 for the largest.

/// How the entries of the models do against each other, by the paper.
struct SoftCompetition: Sendable {
    private let count: Int
    /// The range of `τᵢ∘τⱼ` over the model, by i and j.
    private var ranges: [ClosedRange<Float>]
    /// What is added in an exponent, by i and j: as the softmax's divisor, times the number of entries,
    /// so that scores are of the order of 1.
    private var shifts: [Float]
    private var shiftsOfSquares: [Float]
    /// The least score that counts, of each model.
    private var thresholds: [Float]

    /// Looks at the whole model four times: for ranges, for divisors, and twice for thresholds.
    init(_ pool: ModelPool, ratio: Double, _ workers: Workers) throws {
        let count = pool.experts.count
        self.count = count
        /// Sums or compares what every parameter says of every pair of models.
        func gather<Value: Sendable>(
            _ each: @Sendable ([Tensor]) -> [Value],
            _ join: (Value, Value) -> Value
        ) throws -> [Value] {
            let all = try workers.map(pool.parameters.count) { index -> [[Value]] in
                let parameter = pool.parameters[index]
                return try Blocks.of(shape: parameter.shape).map {
                    each(try MergeBlock(parameter: parameter, range: $0).vectors())
                }
            }.flatMap(\.self)
            guard let first = all.first else { throw MergeError.noModels }
            return all.dropFirst().reduce(first) { zip($0, $1).map(join) }
        }
        (ranges, shifts, shiftsOfSquares, thresholds) = ([], [], [], [])
        ranges = try gather({ vectors in
            vectors.flatMap { a in vectors.map { (a * $0).bounds } }
        }) { min($0.lowerBound, $1.lowerBound)...max($0.upperBound, $1.upperBound) }
        let known = self
        let sums = try gather({ vectors in
            (0..<count * count).map { known.power(vectors, $0 / count, $0 % count, shift: 0).sum() }
                + vectors.indices.map { known.power(ofSquare: vectors[$0], $0, shift: 0).sum() }
        }) { $0 + $1 }
        let entries = pool.parameters.reduce(0) { $0 + $1.count }
        let all = sums.map { Float(log(Double(entries)) - log($0)) }
        shifts = Array(all.prefix(count * count))
        shiftsOfSquares = Array(all.suffix(count))
        let scored = self
        thresholds = try MagnitudeThresholds.of(
            ranks: pool.experts.map { _ in [max(1, Int(ratio * Double(entries)))] },
            in: pool,
            workers: workers
        ) { scored.scores(of: try $0.vectors()) }.map { $0[0] }
    }

    /// `βₖ·τₖ / Σⱼ βⱼ` of every model.
    @Sendable func shares(of vectors: [Tensor]) -> [Tensor] {
        let kept = zip(scores(of: vectors), thresholds).map { score, threshold in
            var kept = score
            kept.trim(below: threshold)
            return kept
        }
        let sum = kept.sum()
        return zip(kept, vectors).map { ($0 * $1).divided(by: sum) }
    }

    private func scores(of vectors: [Tensor]) -> [Tensor] {
        vectors.indices.map { i in
            let inter = vectors.indices.map { j in
                power(vectors, i, j, shift: shifts[i * count + j])
            }
            return power(ofSquare: vectors[i], i, shift: shiftsOfSquares[i]) * inter.sum()
        }
    }

    /// `exp(N(τᵢ∘τⱼ) + shift)`.
    private func power(_ vectors: [Tensor], _ i: Int, _ j: Int, shift: Float) -> Tensor {
        (vectors[i] * vectors[j]).places(in: ranges[i * count + j]).exponentials(1, shift)
    }

    /// `exp(K·N(τᵢ∘τᵢ) − K + shift)`.
    private func power(ofSquare vector: Tensor, _ i: Int, shift: Float) -> Tensor {
        let places = (vector * vector).places(in: ranges[i * count + i])
        return places.exponentials(Float(count), shift - Float(count))
    }
}
