internal import Tensors

/// How methods that decompose matrices see the projections of attention.
///
/// Whether queries, keys and values are one matrix or three depends on who wrote the checkpoint, and
/// their singular values differ: papers on CLIP had OpenCLIP's one, Hugging Face's files have three.
enum AttentionLayout: String, CaseIterable {
    /// As the file has them.
    case stored
    /// As one matrix, the rows of the queries first.
    case packed
    /// As three.
    case split

    /// The option of methods that decompose matrices.
    static let option = MergeOption(
        "qkv",
        .merge,
        .names(allCases.map(\.rawValue)),
        default: .text(AttentionLayout.stored.rawValue),
        "packed: queries, keys and values are one matrix; split: three; stored: as in the file"
    )

    /// What the projections are called where they are three, in several families of models.
    private static let separate = [
        ["q_proj", "k_proj", "v_proj"], ["query", "key", "value"], ["q_lin", "k_lin", "v_lin"],
        ["to_q", "to_k", "to_v"], ["q", "k", "v"],
    ]
    /// What they are called where they are one, in equal thirds.
    ///
    /// Not `query_key_value`, in which heads take turns.
    private static let joint = ["in_proj_weight", "qkv.weight", "Wqkv.weight", "qkv_proj.weight"]

    /// The projections of a pool that this layout changes, as they are stored and as they are seen.
    ///
    /// Excluded matrices stay as they are stored, and those of the same attention with them.
    func projections(
        of pool: ModelPool,
        excluding excluded: Set<String>
    ) -> [(stored: [ModelPool.Parameter], seen: [ModelPool.Parameter])] {
        let known = pool.parameters.filter { !excluded.contains($0.name) }
            .reduce(into: [:]) { $0[$1.name] = $1 }
        return pool.parameters.compactMap { parameter in
            switch self {
            case .stored: return nil
            case .packed:
                guard let names = Self.names(from: parameter.name) else { return nil }
                let three = names.all.compactMap { known[$0] }
                guard three.count == 3, Set(three.map(\.shape.last)).count == 1,
                    three.allSatisfy({ $0.shape.count == 2 })
                else { return nil }
                let rows = three.reduce(0) { $0 + $1.shape[0] }
                return (three, [.init(names.joint, rows: 0..<rows, of: three)])
            case .split:
                guard let parameter = known[parameter.name], Self.isJoint(parameter) else {
                    return nil
                }
                let height = parameter.shape[0] / 3
                let thirds = ["q", "k", "v"].enumerated().map { index, letter in
                    ModelPool.Parameter(
                        "\(parameter.name)[\(letter)]",
                        rows: index * height..<(index + 1) * height,
                        of: [parameter]
                    )
                }
                return ([parameter], thirds)
            }
        }
    }

    /// The names of three projections, and one for what they are together; `nil` for a name that is not
    /// that of queries.
    private static func names(from name: String) -> (all: [String], joint: String)? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.last == "weight", let own = parts.dropLast().last,
            let three = separate.first(where: { $0[0] == own })
        else { return nil }
        let prefix = parts.dropLast(2).map { $0 + "." }.joined()
        return (
            three.map { "\(prefix)\($0).weight" },
            "\(prefix){\(three.joined(separator: ","))}.weight"
        )
    }

    private static func isJoint(_ parameter: ModelPool.Parameter) -> Bool {
        parameter.shape.count == 2 && parameter.shape[0] == 3 * parameter.shape[1]
            && joint.contains { parameter.name == $0 || parameter.name.hasSuffix("." + $0) }
    }
}

extension MergeMethod.Kind {
    /// By a rule that sees the projections of attention as the option `qkv` says.
    static func ofMatrices(
        _ prepare: @escaping @Sendable (ModelPool, MergeOptions, Workers) throws -> MergeMethod.Plan
    ) -> Self {
        .rule { pool, options, workers in
            let layout: AttentionLayout = try options.choice(AttentionLayout.option.name, "")
            guard layout != .stored else { return try prepare(pool, options, workers) }
            let excluded = options.takes(excludeKeys.name) ? try options.excludedKeys(of: pool) : []
            let projections = layout.projections(of: pool, excluding: excluded)
            // A slip here would go unnoticed.
            guard !projections.isEmpty else {
                throw MergeError.option(
                    method: options.method,
                    name: AttentionLayout.option.name,
                    found: layout.rawValue,
                    expected: layout == .packed
                        ? "stored: the models have no queries, keys and values of their own"
                        : "stored: the models have no matrix of queries, keys and values"
                )
            }
            let relaid = RelaidPool(pool, projections)
            return relaid.plan(try prepare(relaid.pool, options, workers))
        }
    }
}
