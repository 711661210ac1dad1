internal import Tensors

// Stoica, Ramesh, Ecsedi, Choshen and Hoffman, "Model merging with SVD to tie the Knots", 2025,
// arXiv:2410.19735. Task matrices are merged entry by entry in a basis that they have in common:
//
//     [τ₁ … τₙ] = U·[R₁ … Rₙ],  UᵀU = I,  θ = θ₀ + λ · U·rule(R₁ … Rₙ)
//
// Singular values are part of the Rₖ = Uᵀτₖ.

/// How the Rₖ are merged.
private enum InnerMethod: String, CaseIterable {
    /// The largest entries that agree in sign (TIES).
    case ties
    /// All of them.
    case tv
}

/// What becomes of the entries that are left.
private enum MergingType: String, CaseIterable { case mean, sum }

/// Which side of the matrices gets a common basis.
private enum Concatenation: String, CaseIterable { case output, input }

/// How far trimming looks.
private enum TrimReach: String, CaseIterable { case global, layer }

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let knots = MergeMethod(
        card: MethodCard(
            "knots",
            category: .lowRank,
            summary: "TIES or a sum in a basis that the task matrices have in common",
            equation: "θ = θ₀ + λ·U·rule(R₁…Rₙ),  [τ₁…τₙ] = U·[R₁…Rₙ]; what is no matrix stays",
            source:
                "Stoica et al., 2025, Model merging with SVD to tie the Knots, arXiv:2410.19735",
            needs: [.base],
            options: options,
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: knots
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {inner_method: ties, topK: 20, scaling_coeffs: 0.6}
                """
        ),
        kind: .ofMatrices { pool, options, workers in
            let tied = try TiedMatrices(pool, options, workers)
            return { parameter in
                guard tied.names.contains(parameter.name) else { return { try $0.base() } }
                let factor = Float(try options.number("scaling_coeffs", parameter.name))
                let (basis, parts) = try tied.parts(of: WholeParameter(parameter))
                guard basis.count > 0 else { return { try $0.base() } }
                return adding(tied.bases.matrix(of: parts.sum() * factor, in: basis))
            }
        },
        // Every task's coordinates are kept: they are few where experts are adapters, and as many as
        // the task vectors have entries where they are not.
        preparation: VectorPreparation(
            reading: [
                "inner_method", "topK", "merging_type", "concat", "eps", "trim_scope",
                "exclude_keys",
            ]
        ) { pool, options, workers in
            let tied = try TiedMatrices(pool, options, workers)
            return try MatrixTaskVectors(
                pool,
                excluding: options.excludedKeys(of: pool),
                rest: { _ in 0 },
                workers
            ) { parameter in
                let (basis, parts) = try tied.parts(of: parameter)
                return .factors(tied.bases.factors(of: parts, in: basis, of: parameter))
            }
        }
    )

    private static let options = [
        MergeOption(
            "inner_method",
            .merge,
            .names(InnerMethod.allCases.map(\.rawValue)),
            default: .text(InnerMethod.ties.rawValue),
            "how coordinates are merged: ties, or tv for all of them"
        ),
        MergeOption(
            "topK",
            .merge,
            .percentages,
            default: .number(20),
            "with ties, the percentage of coordinates that a task keeps"
        ),
        MergeOption(
            "merging_type",
            .merge,
            .names(MergingType.allCases.map(\.rawValue)),
            default: .text(MergingType.mean.rawValue),
            "the mean of what is kept, or its sum"
        ),
        MergeOption("scaling_coeffs", .merge, .numbers, default: .number(1), "the factor λ"),
        MergeOption(
            "concat",
            .merge,
            .names(Concatenation.allCases.map(\.rawValue)),
            default: .text(Concatenation.output.rawValue),
            "the side with the common basis"
        ),
        MergeOption(
            "eps",
            .merge,
            .amounts,
            default: .number(1e-5),
            "singular values up to this are dropped"
        ),
        MergeOption(
            "trim_scope",
            .merge,
            .names(TrimReach.allCases.map(\.rawValue)),
            default: .text(TrimReach.global.rawValue),
            "one threshold for each task, or for each of its matrices"
        ),
        MergeOption(
            "exclude_keys",
            .merge,
            .texts,
            default: .list([]),
            "names of matrices that stay as the base has them"
        ),
        AttentionLayout.option,
    ]
}

/// The matrices of a pool that get common bases, and what is merged there.
private struct TiedMatrices: Sendable {
    let names: Set<String>
    let bases: TiedBases
    private let rule: InnerRule
    private let election: Election

    /// Looks at all of them.
    init(_ pool: ModelPool, _ options: MergeOptions, _ workers: Workers) throws {
        let excluded = try options.excludedKeys(of: pool)
        let tied = pool.parameters.filter {
            $0.shape.count == 2 && !$0.isUnchanged && !excluded.contains($0.name)
        }
        guard let first = tied.first ?? pool.parameters.first else { throw MergeError.noModels }
        names = Set(tied.map(\.name))
        bases = TiedBases(
            side: try options.choice("concat", first.name),
            least: try options.number("eps", first.name)
        )
        rule = InnerRule(
            method: try options.choice("inner_method", first.name),
            type: try options.choice("merging_type", first.name),
            scope: try options.choice("trim_scope", first.name),
            share: try options.number("topK", first.name) / 100
        )
        election = try rule.election(of: tied, bases, workers)
    }

    /// The basis of a matrix, and what each task adds to the merged coordinates.
    func parts(of parameter: WholeParameter) throws -> (basis: Tensor, parts: [Tensor]) {
        let (basis, vectors) = try bases.coordinates(of: parameter, last: true)
        return (basis, vectors.isEmpty ? [] : try rule.parts(vectors, election))
    }
}

/// The common bases of task matrices, and the tasks' coordinates in them.
private struct TiedBases: Sendable {
    let side: Concatenation
    /// Singular values up to this one are dropped.
    let least: Double
    private let cache = ParameterCache()

    init(side: Concatenation, least: Double) { (self.side, self.least) = (side, least) }

    /// The basis, a vector in each row, and the coordinates `Rₖ` of each task.
    func coordinates(
        of whole: WholeParameter,
        last: Bool
    ) throws -> (basis: Tensor, vectors: [Tensor]) {
        let basis = try cache.value(of: whole.name, last: last) { try self.basis(whole) }
        guard basis.count > 0 else { return (basis, []) }
        let vectors = try (0..<whole.count).map { expert in
            var vector = Tensor.matmul(
                basis,
                try whole.difference(expert),
                transposingB: side == .input
            )
            // A task that lacks a direction has coordinates there that are nothing but rounding;
            // as they would count in a mean, they become 0.
            vector.trim(below: 4 * Float.ulpOfOne * vector.largestMagnitude)
            return vector
        }
        return (basis, vectors)
    }

    /// The matrix of merged coordinates.
    func matrix(of merged: Tensor, in basis: Tensor) -> Tensor {
        side == .output
            ? .matmul(basis, merged, transposingA: true)
            : .matmul(merged, basis, transposingA: true)
    }

    /// The matrices of each task's coordinates, as factors.
    func factors(
        of parts: [Tensor],
        in basis: Tensor,
        of parameter: WholeParameter
    ) -> LowRankVectors {
        let (rank, shape) = (basis.shape[0], parameter.base.shape)
        let columns = (0..<parameter.count).map { $0 * rank..<($0 + 1) * rank }
        guard rank > 0 else {
            let (b, a) = (Tensor.zeros([shape[0], 0]), Tensor.zeros([shape[1], 0]))
            return LowRankVectors(b: b, a: a, columns: columns)
        }
        let common = Tensor(joiningRowsOf: parts.map { _ in basis }).transposed()
        let own = Tensor(joiningRowsOf: parts).transposed()
        return LowRankVectors(
            b: side == .output ? common : own,
            a: side == .output ? own : common,
            columns: columns
        )
    }

    /// The left singular vectors of all task matrices beside each other.
    private func basis(_ parameter: WholeParameter) throws -> Tensor {
        let shape = side == .output ? parameter.base.shape : parameter.base.shape.reversed()
        // One matrix below the other, transposed: their right singular vectors are the left ones.
        var stack = Matrix(rows: 0, columns: shape[0])
        var gram = Matrix(rows: shape[0], columns: shape[0])
        let isWide = shape[0] <= parameter.count * shape[1]
        for expert in 0..<parameter.count {
            let change = Matrix(try parameter.difference(expert))
            if isWide {
                gram.add(change.gram(ofColumns: side == .input))
            } else {
                stack.append(side == .output ? change.transposed : change)
            }
        }
        guard isWide else {
            let singular = SingularVectors(of: stack)
            let kept = singular.values.count { $0 > least }
            return Tensor(singular.right.prefix(kept))
        }
        let eigen = Eigenvectors(of: gram)
        let kept = eigen.values.count {
            $0 > max(eigen.leastMeaningful, least * least)
        }
        return Tensor(eigen.vectors.prefix(kept))
    }
}

/// What TIES needs to know of all coordinates.
private struct Election: Sendable {
    /// The least magnitude that each task keeps.
    var thresholds: [Float]
    /// The sign where entries that are kept cancel out.
    var majority: Float = 1
}

private struct InnerRule: Sendable {
    let method: InnerMethod
    let type: MergingType
    let scope: TrimReach
    /// The share of coordinates that a task keeps.
    let share: Double

    /// Looks at the coordinates of all matrices; where these are too many to be kept, they are formed
    /// four times.
    func election(
        of parameters: [ModelPool.Parameter],
        _ bases: TiedBases,
        _ workers: Workers
    ) throws -> Election {
        let tasks = parameters.first?.experts.count ?? 0
        var election = Election(thresholds: Array(repeating: 0, count: tasks))
        guard method == .ties, tasks > 0 else { return election }
        if scope == .global, share < 1 {
            election.thresholds = try MagnitudeThresholds.of(
                shares: Array(repeating: share, count: tasks),
                pieces: parameters.count,
                workers: workers
            ) { index, show in
                let parameter = try WholeParameter(parameters[index])
                let vectors = try bases.coordinates(of: parameter, last: false).vectors
                for (k, vector) in vectors.enumerated() { try show(k, vector) }
            }
        }
        let trimming = election
        let balances = try workers.map(parameters.count) { index in
            let parameter = try WholeParameter(parameters[index])
            let vectors = try bases.coordinates(of: parameter, last: false).vectors
            guard !vectors.isEmpty else { return 0 }
            return try trimmed(vectors, trimming).sum().signBalance
        }
        election.majority = Float(balances.reduce(0, +).signum())
        return election
    }

    /// What each task adds to the merged coordinates.
    func parts(_ vectors: [Tensor], _ election: Election) throws -> [Tensor] {
        guard method == .ties else {
            return type == .mean ? vectors.map { $0 * (1 / Float(vectors.count)) } : vectors
        }
        let trimmed = try trimmed(vectors, election)
        let balance = trimmed.sum()
        let agreeing = trimmed.map { vector in
            var kept = vector
            kept.keep(signOf: balance, majority: election.majority)
            return kept
        }
        guard type == .mean else { return agreeing }
        let counts = agreeing.map(\.isNonzero).sum()
        return agreeing.map { $0.divided(by: counts) }
    }

    private func trimmed(_ vectors: [Tensor], _ election: Election) throws -> [Tensor] {
        var thresholds = election.thresholds
        if scope == .layer, share < 1 {
            thresholds = try MagnitudeThresholds.of(
                shares: vectors.map { _ in share },
                pieces: 1,
                workers: Workers(1)
            ) { _, show in
                for (k, vector) in vectors.enumerated() { try show(k, vector) }
            }
        }
        return zip(vectors, thresholds).map { vector, threshold in
            var kept = vector
            kept.trim(below: threshold)
            return kept
        }
    }
}
