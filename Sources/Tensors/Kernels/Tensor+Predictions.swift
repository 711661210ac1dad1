internal import CKernels
internal import Glibc

/// A number for each row of logits, and its derivatives by them.
public struct RowLosses: Sendable {
    /// One number per row, in nats.
    public let values: Tensor
    /// Derivatives of each row's number by that row's logits; `nil` where they were not asked for.
    public let gradient: Tensor?
}

/// Losses of rows of logits `[rows, classes]`.
extension Tensor {
    /// Shannon entropy of softmax of each row.
    public func entropies(withGradient: Bool = false) -> RowLosses {
        unsafe losses(withGradient) { unsafe mgk_entropy_rows($0, $1, self.pointer, $2, $3) }
    }

    /// Kullback–Leibler divergence from each row's target distribution to softmax of the row.
    ///
    /// The targets are given by their logarithms, shaped like the logits.
    public func divergences(from logTarget: Tensor, withGradient: Bool = false) -> RowLosses {
        precondition(logTarget.count == count, "\(logTarget.shape) targets for \(shape)")
        return unsafe losses(withGradient) {
            unsafe mgk_divergence_rows($0, $1, logTarget.pointer, self.pointer, $2, $3)
        }
    }

    /// Negative log-likelihood of each row's label.
    public func crossEntropies(labels: [Int32], withGradient: Bool = false) -> RowLosses {
        let classes = shape.last ?? 1
        precondition(labels.count * classes == count, "\(labels.count) labels for \(shape)")
        precondition(labels.allSatisfy { $0 >= 0 && Int($0) < classes }, "a label is out of range")
        return unsafe losses(withGradient) { rows, width, values, gradient in
            unsafe mgk_cross_entropy_rows(rows, width, labels, self.pointer, values, gradient)
        }
    }

    /// Shannon entropy of these probabilities, which sum to 1, and its derivatives `−log p − 1`.
    public func distributionEntropy() -> RowLosses {
        let logarithms = elements.map { log(Double(max($0, .leastNormalMagnitude))) }
        let entropy = zip(elements, logarithms).reduce(0) { $0 - Double($1.0) * $1.1 }
        return RowLosses(
            values: Tensor([1], [Float(entropy)]),
            gradient: Tensor(shape, logarithms.map { Float(-$0 - 1) })
        )
    }

    /// The position of the largest element of each row; the first of several.
    public func argmax() -> [Int] {
        let width = shape.last ?? 1
        return withSpan { span in
            stride(from: 0, to: count, by: max(width, 1)).map { start in
                (1..<max(width, 1)).reduce(0) { span[start + $1] > span[start + $0] ? $1 : $0 }
            }
        }
    }

    @unsafe
    private func losses(
        _ withGradient: Bool,
        _ kernel: (Int, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>?) -> Void
    ) -> RowLosses {
        let width = shape.last ?? 1
        let rows = count / max(width, 1)
        let gradient = withGradient ? Storage(uninitialized: count) : nil
        // One value per row and one derivative per logit: the kernel writes them all.
        let values = unsafe Tensor(filling: [rows]) {
            unsafe kernel(rows, width, $0, gradient?.buffer.baseAddress)
        }
        return RowLosses(
            values: values,
            gradient: gradient.map { Tensor(shape: shape, storage: $0) }
        )
    }
}
