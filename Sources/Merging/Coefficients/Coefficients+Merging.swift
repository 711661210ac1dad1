internal import Tensors

extension Coefficients {
    /// The merge `θ₀ + Σₖ λₖ·τₖ` with these coefficients, as a plan like any rule's.
    ///
    /// A parameter that no group holds stays as the base has it.
    public func plan(_ vectors: any TaskVectors) -> MergeMethod.Plan {
        let table = byParameter
        return { parameter in
            guard let row = table[parameter.name] else { return { try $0.base() } }
            return { try vectors.merged(parameter, in: $0.range, by: row) }
        }
    }
}
