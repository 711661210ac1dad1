internal import Tensors

// mergekit (github.com/arcee-ai/mergekit), arcee_fusion: of one model, the elements are taken that
// changed much in rows whose distribution changed much; of each tensor those whose importance stands out.
//
//     θ = θ₀ + [I ≥ q₂ + 1.5·(q₃ − q₁)]·τ,   I = |τ| · KL(softmax θ₁ ‖ softmax θ₀) of the row
//
// q₁, q₂, q₃ are the quartiles of I, the elements at ⌊n/4⌋ and so on of all in order. mergekit estimates
// them from a million elements drawn at random where there are more; here they are exact.

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let arceeFusion = MergeMethod(
        card: MethodCard(
            "arcee_fusion",
            category: .sparsification,
            summary: "base_model with the elements of one other model whose change stands out",
            equation: "θ = θ₀ + [I ≥ q₂ + 1.5·(q₃ − q₁)]·τ,  I = |τ| · KL(softmax θ₁ ‖ softmax θ₀)",
            source: "Goddard et al., 2024, Arcee's MergeKit (arcee_fusion), arXiv:2403.13257",
            needs: [.base],
            counts: 1...1,
            options: [],
            laws: [],
            example: """
                merge_method: arcee_fusion
                base_model: models/chat
                models:
                  - model: models/chat
                  - model: experts/medicine
                """
        ),
        kind: .rule { _, _, _ in
            { parameter in
                let importance = Importance(of: parameter)
                let quartiles = try importance.quartiles()
                let threshold = quartiles[1] + 1.5 * (quartiles[2] - quartiles[0])
                return try parameter.byRows { block in
                    let (base, vector, sizes) = try importance.parts(of: block)
                    return base + vector * sizes.reaches(threshold)
                }
            }
        }
    )
}

/// How much the elements of a parameter matter to what one model changed.
private struct Importance {
    let parameter: ModelPool.Parameter

    init(of parameter: ModelPool.Parameter) { self.parameter = parameter }

    /// `θ₀`, `τ` and `I` in a block of whole rows.
    func parts(of block: MergeBlock) throws -> (base: Tensor, vector: Tensor, sizes: Tensor) {
        let base = try block.base()
        let vector = try block.differences(from: base)[0]
        // Both softmaxes have the same sum, so that less than 0 can only be rounding.
        let rows = try block.models()[0]
            .rowDivergences(from: base, width: parameter.rowWidth, adding: 1e-8)
            .map { Float(max($0, 0)) }
        return (base, vector, vector.magnitudes.scalingRows(by: Tensor([rows.count], rows)))
    }

    /// The elements of `I` that a quarter, a half and three quarters of it lie before.
    func quartiles() throws -> [Float] {
        let count = parameter.count
        let ranks = [0.25, 0.5, 0.75].map { count - Int($0 * Double(count - 1)) }
        var selections = [MagnitudeSelection()]
        for pass in 0..<2 {
            for range in parameter.rowBlocks {
                let sizes = try parts(of: MergeBlock(parameter: parameter, range: range)).sizes
                for k in selections.indices { selections[k].add(sizes) }
            }
            guard pass == 0 else { break }
            selections = ranks.map { rank in
                var selection = selections[0]
                selection.narrow(toRank: rank)
                return selection
            }
        }
        return selections.map(\.result.threshold)
    }
}
