internal import Tensors

// Marczak, Twardowski, Trzciński and Cygert, "MagMax: leveraging model merging for seamless continual
// learning", 2024, arXiv:2407.06322. In each place, the change that is largest; of equal ones the last:
//
//     θ = θ₀ + α · τₖ,   k = argmax |τₖ|, place by place

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let magMax = MergeMethod(
        card: MethodCard(
            "magmax",
            category: .sparsification,
            summary: "the base plus, in each place, the largest change of any model",
            equation: "θ = θ₀ + α · τₖ,  k = argmax |τₖ|, place by place",
            source: "Marczak et al., 2024, MagMax, arXiv:2407.06322",
            needs: [.base],
            options: [
                MergeOption(
                    "scaling_factor",
                    .merge,
                    .numbers,
                    default: .number(0.5),
                    "the factor α of the changes"
                )
            ],
            laws: [],
            example: """
                merge_method: magmax
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {scaling_factor: 0.5}
                """
        ),
        kind: .rule { _, options, _ in
            { parameter in
                let factor = Float(try options.number("scaling_factor", parameter.name))
                return { try $0.addingBase(to: largest(of: $0.vectors()) * factor) }
            }
        },
        preparation: VectorPreparation { pool, _, _ in
            EntrywiseTaskVectors(of: PlainTaskVectors(pool)) { _ in
                { vectors in
                    let largest = largest(of: vectors)
                    var open = Tensor(largest.shape, repeating: 1)
                    // Of equal magnitudes the last wins, so that is asked first.
                    let won = vectors.reversed().map { vector in
                        let own = open - open * largest.exceeds(vector, times: 1)
                        open.add(own, times: -1)
                        return vector * own
                    }
                    return won.reversed()
                }
            }
        }
    )

    private static func largest(of vectors: [Tensor]) -> Tensor {
        vectors.dropFirst().reduce(vectors[0]) { $1.largerInMagnitude($0) }
    }
}
