public import Tensors

extension ModelPool.Parameter {
    /// The whole parameter, merged by a plan.
    public func merged(by plan: MergeMethod.Plan) throws -> Tensor {
        let rule = try plan(self)
        return try Tensor(shape, blocks: Blocks.of(shape: shape)) {
            try rule(MergeBlock(parameter: self, range: $0))
        }
    }
}

extension MergeMethod {
    /// A plan that hands out parameters that were merged before, and the base's of the others.
    public static func plan(handingOut merged: [String: Tensor]) -> Plan {
        { parameter in
            let tensor = merged[parameter.name]
            return { block in try tensor?.elements(in: block.range) ?? block.base() }
        }
    }
}
