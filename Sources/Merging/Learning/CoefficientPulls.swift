public import Tensors

/// What holds learned coefficients back: a penalty on `λ`, `[groups, models]`.
///
///     a · Σₖ mean_g (λ_gk − λ⁰_gk)²  +  b · Σₖ mean_g (λ_gk − mean_h λ_hk)²
///
/// Few unlabeled inputs tell little about many coefficients. The first term keeps them near where
/// they began, the second those of one model near one another, on the way from a coefficient for
/// each group to one for all. Means over groups make a weight mean the same for every granularity.
public struct CoefficientPulls: Sendable, Equatable {
    /// The weight of the pull to the initial coefficients.
    public var toInitial: Double
    /// The weight of the pull of each model's coefficients to their mean.
    public var together: Double

    /// A penalty; by default none.
    public init(toInitial: Double = 0, together: Double = 0) {
        (self.toInitial, self.together) = (toInitial, together)
    }

    /// The penalty and its derivatives, `[groups, models]`.
    public func penalty(of lambda: Tensor, from initial: Tensor) -> (
        value: Double, gradient: Tensor
    ) {
        guard toInitial > 0 || together > 0 else { return (0, .zeros(lambda.shape)) }
        let (groups, models) = (lambda.shape[0], lambda.rowWidth)
        let (all, start) = (lambda.elements.map(Double.init), initial.elements.map(Double.init))
        let means = (0..<models).map { model in
            (0..<groups).reduce(0) { $0 + all[$1 * models + model] } / Double(max(groups, 1))
        }
        var value = 0.0
        let gradient = all.indices.map { i -> Float in
            let (far, apart) = (all[i] - start[i], all[i] - means[i % models])
            value += (toInitial * far * far + together * apart * apart) / Double(groups)
            // The means move as well, but deviations from them sum to 0.
            return Float(2 * (toInitial * far + together * apart) / Double(groups))
        }
        return (value, Tensor(lambda.shape, gradient))
    }
}
