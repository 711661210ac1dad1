internal import Tensors

// mergekit (github.com/arcee-ai/mergekit), nuslerp: spherical interpolation of two models, or of their
// task vectors where there is a base, of whole tensors or vector by vector:
//
//     x = (sin((1−t)·Ω)·x₁ + sin(t·Ω)·x₂) / sin Ω,   t = w₂ / (w₁ + w₂),   x = θ or τ

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let nuslerp = MergeMethod(
        card: MethodCard(
            "nuslerp",
            category: .averages,
            summary:
                "one model turned towards another, or their task vectors where there is a base",
            equation: "x = (sin((1−t)·Ω)·x₁ + sin(t·Ω)·x₂) / sin Ω,  t = w₂ / (w₁ + w₂)",
            source: "Goddard et al., 2024, Arcee's MergeKit (nuslerp), arXiv:2403.13257",
            needs: [.optionalBase],
            counts: 2...2,
            options: [
                .weight("the share of a model"),
                MergeOption(
                    "nuslerp_flatten",
                    .merge,
                    .flags,
                    default: .flag(true),
                    "one angle for each tensor"
                ),
                MergeOption(
                    "nuslerp_row_wise",
                    .merge,
                    .flags,
                    default: .flag(false),
                    "if not: an angle for each vector along the first dimension, not the last"
                ),
            ],
            laws: [.copiesMergeToThemselves, .orderDoesNotMatter],
            example: """
                merge_method: nuslerp
                models:
                  - model: experts/role
                    parameters: {weight: 0.6}
                  - model: experts/section
                    parameters: {weight: 0.4}
                """
        ),
        kind: .rule { _, options, _ in
            { parameter in
                let weights = try options.numbers("weight", parameter)
                let total = weights[0] + weights[1]
                let t = abs(total) < 1e-6 ? 0.5 : weights[1] / total
                guard try !options.flag("nuslerp_flatten", parameter.name) else {
                    let products = try InnerProducts(of: parameter) { try $0.vectors() }
                    let norms = products.norms.map { max($0, 1e-7) }
                    let factors = Arc(cosine: products[0, 1] / (norms[0] * norms[1])).factors(at: t)
                    return { try $0.addingBase(to: $0.vectors().sum(by: factors)) }
                }
                return try options.flag("nuslerp_row_wise", parameter.name)
                    ? byFirstDimension(parameter, t) : byLastDimension(parameter, t)
            }
        }
    )

    /// An angle for each row.
    private static func byLastDimension(
        _ parameter: ModelPool.Parameter,
        _ t: Double
    ) throws -> Rule {
        try parameter.byRows { block in
            let (width, vectors) = (parameter.rowWidth, try block.vectors())
            let factors = factors(t) { vectors[$0].rowDots(vectors[$1], width: width) }
            return try block.addingBase(
                to: vectors[0].scalingRows(by: factors[0]) + vectors[1].scalingRows(by: factors[1])
            )
        }
    }

    /// An angle for each place in the other dimensions.
    private static func byFirstDimension(
        _ parameter: ModelPool.Parameter,
        _ t: Double
    ) throws -> Rule {
        let width = parameter.shape.dropFirst().reduce(1, *)
        var sums = Array(repeating: [Double](repeating: 0, count: width), count: 3)
        for range in Blocks.of(shape: parameter.shape) {
            let block = MergeBlock(parameter: parameter, range: range)
            let rows = try block.vectors().map { $0.reshaped([range.count / width, width]) }
            for vector in rows { try block.check(vector) }
            for (place, (i, j)) in [(0, 0), (0, 1), (1, 1)].enumerated() {
                for (column, part) in rows[i].columnDots(rows[j]).enumerated() {
                    sums[place][column] += part
                }
            }
        }
        let factors = factors(t) { sums[$0 + $1] }
        return { block in
            let vectors = try block.vectors()
            return try block.addingBase(
                to: vectors[0].multiplyingRow(factors[0]) + vectors[1].multiplyingRow(factors[1])
            )
        }
    }

    /// The factors of both vectors, many pairs of vectors at once, out of their inner products.
    private static func factors(_ t: Double, _ products: (Int, Int) -> [Double]) -> [Tensor] {
        let norms = [products(0, 0), products(1, 1)].map { squares in
            squares.map { max($0.squareRoot(), 1e-7) }
        }
        let factors = products(0, 1).enumerated().map { place, product in
            Arc(cosine: product / (norms[0][place] * norms[1][place])).factors(at: t)
        }
        return [0, 1].map { side in Tensor([factors.count], factors.map { Float($0[side]) }) }
    }
}
