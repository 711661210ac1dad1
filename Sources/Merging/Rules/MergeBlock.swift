internal import Checkpoints
internal import Tensors

/// One block of one parameter, as a rule sees it.
public struct MergeBlock: Sendable {
    let parameter: ModelPool.Parameter
    let range: Range<Int>

    /// `θ₀`.
    func base() throws -> Tensor {
        guard let base = parameter.base else {
            throw MergeError.missingBase(method: "a task-vector method")
        }
        return try base.block(range)
    }

    /// `θₖ` of every model.
    func models() throws -> [Tensor] {
        let isDense = parameter.experts.allSatisfy { $0.whole != nil }
        let base = isDense ? nil : try parameter.base?.block(range)
        return try parameter.experts.map {
            try $0.elements(in: range, base: base, shape: parameter.shape)
        }
    }

    /// `Σₖ factorₖ·θₖ`; what is stored whole is added as it is read.
    func sum(by factors: [Double]) throws -> Tensor {
        let views = parameter.experts.compactMap(\.whole)
        guard views.count == parameter.experts.count else { return try models().sum(by: factors) }
        let zeros = Tensor.zeros([range.count])
        return try zip(views, factors).reduce(into: zeros) { sum, pair in
            let factor = Float(pair.1)
            try pair.0.addDifferences(in: range, from: zeros, times: factor, to: &sum)
        }
    }

    /// `θ₀`, and behind it `θₖ` of every model.
    func baseAndModels() throws -> [Tensor] { try [base()] + models() }

    /// What methods turn and stretch: task vectors where there is a base, else the models.
    func vectors() throws -> [Tensor] {
        parameter.base == nil ? try models() : try differences(from: base())
    }

    /// A merge of `vectors()` as a parameter: with the base, where there is one.
    func addingBase(to sum: Tensor) throws -> Tensor {
        parameter.base == nil ? sum : try base() + sum
    }

    /// `τₖ = θₖ − θ₀` of every model, all finite: a rule that drops entries may not hide a NaN.
    func differences(from base: Tensor) throws -> [Tensor] {
        try parameter.experts.indices.map { try difference($0, from: base) }
    }

    /// `τₖ` of one model.
    func difference(_ model: Int, from base: Tensor) throws -> Tensor {
        let expert = parameter.experts[model]
        let vector = try expert.difference(in: range, base: base, shape: parameter.shape)
        try check(vector, storedAs: .float32)
        return vector
    }

    /// Throws if a tensor made from this block is not finite: the model that holds what is not a
    /// number, or else that the merge itself left the range of a format.
    func check(_ result: Tensor, storedAs dtype: DType = .float32) throws {
        // Only float16 is narrower than what its numbers are computed in.
        let written = dtype == .float16 ? result.rounded(to: dtype) : result
        guard let position = written.firstNonFinite else { return }
        for view in parameter.views {
            if let position = try view.unrounded(range).firstNonFinite {
                throw MergeError.notFinite(
                    parameter: view.stored.name,
                    model: view.stored.fileName,
                    position: range.lowerBound + position
                )
            }
        }
        throw MergeError.overflow(
            parameter: parameter.name,
            position: range.lowerBound + position,
            dtype: dtype
        )
    }
}
