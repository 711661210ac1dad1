internal import Tensors

// Gargiulo, Crisostomi, Bucarelli, Scardapane, Silvestri and Rodolà, "Task singular vectors: reducing
// task interference in model merging", 2025, arXiv:2412.00081. Each task keeps its share of singular
// triplets, and the vectors of all tasks are turned as little as makes them orthogonal:
//
//     τₖ ≈ Uₖ·Σₖ·Vₖᵀ,  U = [U₁ … Uₙ],  V = [V₁ … Vₙ],  Δ = U(UᵀU)^(−½) · Σ · (VᵀV)^(−½)Vᵀ

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let taskSingularVectors = MergeMethod(
        card: MethodCard(
            "tsv_m",
            category: .lowRank,
            summary: "the leading singular vectors of every task, made orthogonal to each other",
            equation: "θ = θ₀ + polar[U₁…Uₙ]·diag(σ)·polar[V₁…Vₙ]ᵀ; what is no matrix: mean of τₖ",
            source: "Gargiulo et al., 2025, Task Singular Vectors (TSV-Merge), arXiv:2412.00081",
            needs: [.base],
            options: [
                MergeOption(
                    "alpha",
                    .merge,
                    .numbersOfModels,
                    default: .number(1),
                    "the factor of the change; a list has one for each task vector"
                ),
                excludeKeys, MatrixFilter.option, AttentionLayout.option,
            ],
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: tsv_m
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {alpha: 1}
                """
        ),
        kind: .ofMatrices { pool, options, _ in
            // One factor for the change is the same as that factor for every task vector.
            let factors: @Sendable (ModelPool.Parameter) throws -> [Double] = { parameter in
                let (one, each) = try options.numbersOfModels("alpha", parameter)
                return one.map { one in parameter.experts.map { _ in one } } ?? each
            }
            return try mergingMatrices(pool, options, factors: factors) { parameter in
                let stack = try stack(of: parameter)
                return stack.orthogonal(times: stack.values)
            }
        },
        preparation: .matrices { parameter, _ in
            let stack = try stack(of: parameter)
            let (left, right) = stack.orthogonalFactors(times: stack.values)
            return .factors(
                LowRankVectors(
                    b: Tensor(left),
                    a: Tensor(right).transposed(),
                    columns: stack.ranges
                )
            )
        }
    )

    /// Every expert's share of leading singular triplets.
    private static func stack(of parameter: WholeParameter) throws -> SingularStack {
        let (rows, columns) = (parameter.base.shape[0], parameter.base.shape[1])
        var stack = SingularStack(rows: rows, columns: columns)
        for expert in 0..<parameter.count {
            stack.append(
                SingularVectors(
                    of: Matrix(try parameter.difference(expert)),
                    leading: min(rows, columns) / parameter.count
                )
            )
        }
        return stack
    }
}

/// Singular triplets of several matrices, one below the other.
struct SingularStack {
    private(set) var values: [Double] = []
    /// The places of what was appended.
    private(set) var ranges: [Range<Int>] = []
    private var left, right: Matrix

    init(rows: Int, columns: Int) {
        left = Matrix(rows: 0, columns: rows)
        right = Matrix(rows: 0, columns: columns)
    }

    mutating func append(_ triplets: SingularVectors) {
        left.append(triplets.left)
        right.append(triplets.right)
        ranges.append(values.count..<values.count + triplets.values.count)
        values += triplets.values
    }

    /// `polar(U) · diag(factors) · polar(V)ᵀ`.
    func orthogonal(times factors: [Double]) -> Matrix {
        let (left, right) = orthogonalFactors(times: factors)
        return Matrix.product(left, right)
    }

    /// `polar(U) · diag(factors)`, a column for each triplet, and `polar(V)ᵀ`, a row for each.
    ///
    /// The polar factor comes from the small matrix of inner products: vectors that depend on others
    /// leave the span smaller, where a decomposition of the stack would fill it up by chance.
    func orthogonalFactors(times factors: [Double]) -> (left: Matrix, right: Matrix) {
        // Symmetric, so that columns times factors are rows times factors.
        let ofLeft = Eigenvectors(of: left.gram(ofColumns: false)).inverseRoot()
        let ofRight = Eigenvectors(of: right.gram(ofColumns: false)).inverseRoot()
        let scaled = ofLeft.scalingRows(by: factors)
        return (
            Matrix.product(left, scaled, transposingA: true, transposingB: true),
            Matrix.product(ofRight, right)
        )
    }
}
