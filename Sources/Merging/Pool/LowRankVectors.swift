internal import Autograd
internal import Tensors

/// The task vectors of a weight that adapters change, `τₖ = Bₖ·Aₖ`, as factors laid side by side.
///
/// With `B` and `A` of all experts next to each other, `Σₖ λₖ·τₖ = B·diag(λ)·A` is one product, and
/// `⟨Gᵀ·X, τₖ⟩` of a gradient that comes as the product of `G` and `X` is a sum over the columns of
/// `(G·B) ∘ (X·Aᵀ)`: neither a task vector nor the gradient of the weight is ever formed. A column that
/// experts have in common counts in the share of each.
public struct LowRankVectors: Sendable {
    /// `[outputs, ranks]`, the scales of the adapters included.
    private let b: Tensor
    /// `Aᵀ`, `[inputs, ranks]`.
    private let a: Tensor
    /// The share of each expert in each column; none where it leaves the weight as it is.
    private let shares: [[Double]]

    /// The factors of a matrix that no expert changes in another way, and some expert does change.
    init?(_ parameter: ModelPool.Parameter) {
        guard parameter.shape.count == 2, !parameter.isUnchanged else { return nil }
        var (changes, columns): ([LowRankFactors], [Range<Int>]) = ([], [])
        var ranks = 0
        for expert in parameter.experts {
            switch expert {
            case .changed(let change):
                guard let factors = change.factors else { return nil }
                changes.append(factors)
                columns.append(ranks..<ranks + factors.rank)
            case .unchanged: columns.append(ranks..<ranks)
            case .dense: return nil
            }
            ranks = columns.last?.upperBound ?? 0
        }
        a = Tensor(joiningRowsOf: changes.map(\.a)).transposed()
        b = Tensor(joiningRowsOf: changes.map { $0.b.transposed() * $0.scale }).transposed()
        shares = Self.shares(of: columns)
    }

    /// Factors of vectors that lie side by side: `b` `[outputs, ranks]`, `a` `[inputs, ranks]`, and the
    /// columns of both that belong to each expert.
    init(b: Tensor, a: Tensor, columns: [Range<Int>]) {
        self.init(b: b, a: a, shares: Self.shares(of: columns))
    }

    /// The same where experts have a share in every column.
    init(b: Tensor, a: Tensor, shares: [[Double]]) {
        (self.b, self.a, self.shares) = (b, a, shares)
    }

    private static func shares(of columns: [Range<Int>]) -> [[Double]] {
        let ranks = columns.last?.upperBound ?? 0
        return columns.map { own in (0..<ranks).map { own.contains($0) ? 1 : 0 } }
    }

    /// `base + Σₖ λₖ·τₖ` in a block of whole rows of the weight, `[elements]`.
    func sum(by coefficients: [Float], in range: Range<Int>, onto base: Tensor) -> Tensor {
        let inputs = a.shape[0]
        let rows = Array(Int32(range.lowerBound / inputs)..<Int32(range.upperBound / inputs))
        return sum(by: coefficients, rows: rows, onto: base)
    }

    /// The same in some rows, in the shape of the base's.
    func sum(by coefficients: [Float], rows: [Int32], onto base: Tensor) -> Tensor {
        // A small matrix has no rank to share among many experts.
        guard b.count > 0 else { return base }
        var factors = [Double](repeating: 0, count: b.rowWidth)
        for (share, coefficient) in zip(shares, coefficients) {
            for column in factors.indices { factors[column] += share[column] * Double(coefficient) }
        }
        let scaled = b.rows(rows).multiplyingRow(Tensor([factors.count], factors.map { Float($0) }))
        return Tensor.linear(scaled, a, adding: base).reshaped(base.shape)
    }

    /// `⟨dW, τₖ⟩` of every expert: how a gradient flows back to the coefficients, `[experts]`.
    @Sendable func projection(of dW: Cotangent) -> [Cotangent] {
        guard b.count > 0 else { return [.tensor(.zeros([shares.count]))] }
        let (outputs, inputs) = (b.shape[0], a.shape[0])
        let products =
            switch dW {
            case .product(let g, let x):
                Tensor.matmul(g.reshaped([g.count / outputs, outputs]), b)
                    .columnDots(.matmul(x.reshaped([x.count / inputs, inputs]), a))
            case .zero: [Double](repeating: 0, count: b.rowWidth)
            case .tensor, .linear, .rows:
                Tensor.matmul(dW.tensor(of: [outputs, inputs]), a).columnDots(b)
            }
        let sums = shares.map { share in
            Float(zip(share, products).reduce(0) { $0 + $1.0 * $1.1 })
        }
        return [.tensor(Tensor([sums.count], sums))]
    }
}
