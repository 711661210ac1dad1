internal import CKernels

/// What a normalization keeps of each row for its way back.
public struct RowStatistics: Sendable {
    let mean: Tensor?
    let inverseDeviation: Tensor
}

/// Normalization of each row, and softmax.
extension Tensor {
    /// `(x − mean) / √(variance + ε) · weight + bias`, row by row (arXiv:1607.06450).
    public func layerNorm(
        weight: Tensor,
        bias: Tensor,
        epsilon: Float
    ) -> (value: Tensor, statistics: RowStatistics) {
        let (rows, width) = rowsAndWidth(weight)
        let (mean, deviation) = (Storage(uninitialized: rows), Storage(uninitialized: rows))
        let value = unsafe Tensor(filling: shape) {
            unsafe mgk_layer_norm(
                rows,
                width,
                epsilon,
                pointer,
                weight.pointer,
                bias.pointer,
                $0,
                mean.buffer.baseAddress,
                deviation.buffer.baseAddress
            )
        }
        let statistics = RowStatistics(
            mean: Tensor(shape: [rows], storage: mean),
            inverseDeviation: Tensor(shape: [rows], storage: deviation)
        )
        return (value, statistics)
    }

    /// How a cotangent flows back through `layerNorm` to its input, weight and bias.
    public func layerNormPullback(
        _ cotangent: Tensor,
        weight: Tensor,
        statistics: RowStatistics
    ) -> (input: Tensor, weight: Tensor, bias: Tensor) {
        let (rows, width) = rowsAndWidth(weight)
        let dWeight = DoubleRow(width)
        let dBias = DoubleRow(width)
        let input = unsafe Tensor(filling: shape) {
            unsafe mgk_layer_norm_pullback(
                rows,
                width,
                pointer,
                weight.pointer,
                (statistics.mean ?? statistics.inverseDeviation).pointer,
                statistics.inverseDeviation.pointer,
                cotangent.pointer,
                $0,
                dWeight.pointer,
                dBias.pointer
            )
        }
        return (input, dWeight.tensor, dBias.tensor)
    }

    /// `x / √(mean(x²) + ε) · (weight + offset)`, row by row (arXiv:1910.07467).
    public func rmsNorm(
        weight: Tensor,
        offset: Float = 0,
        epsilon: Float
    ) -> (value: Tensor, statistics: RowStatistics) {
        let (rows, width) = rowsAndWidth(weight)
        let deviation = Storage(uninitialized: rows)
        let value = unsafe Tensor(filling: shape) {
            unsafe mgk_rms_norm(
                rows,
                width,
                epsilon,
                offset,
                pointer,
                weight.pointer,
                $0,
                deviation.buffer.baseAddress
            )
        }
        let inverse = Tensor(shape: [rows], storage: deviation)
        return (value, RowStatistics(mean: nil, inverseDeviation: inverse))
    }

    /// How a cotangent flows back through `rmsNorm` to its input and weight.
    public func rmsNormPullback(
        _ cotangent: Tensor,
        weight: Tensor,
        offset: Float = 0,
        statistics: RowStatistics
    ) -> (input: Tensor, weight: Tensor) {
        let (rows, width) = rowsAndWidth(weight)
        let dWeight = DoubleRow(width)
        let input = unsafe Tensor(filling: shape) {
            unsafe mgk_rms_norm_pullback(
                rows,
                width,
                offset,
                pointer,
                weight.pointer,
                statistics.inverseDeviation.pointer,
                cotangent.pointer,
                $0,
                dWeight.pointer
            )
        }
        return (input, dWeight.tensor)
    }

    /// Softmax of the last dimension.
    public func softmax() -> Tensor {
        let width = shape.last ?? 1
        return unsafe Tensor(filling: shape) { out in
            unsafe out.update(from: pointer, count: count)
            for start in stride(from: 0, to: count, by: max(width, 1)) {
                unsafe mgk_softmax_row(0, width, width, 1, nil, out + start)
            }
        }
    }

    /// How a cotangent flows back through `softmax`; this tensor is its value.
    public func softmaxPullback(_ cotangent: Tensor) -> Tensor {
        let width = shape.last ?? 1
        return unsafe Tensor(filling: shape) { out in
            unsafe out.update(from: cotangent.pointer, count: count)
            for start in stride(from: 0, to: count, by: max(width, 1)) {
                unsafe mgk_softmax_row_pullback(width, 1, pointer + start, out + start)
            }
        }
    }

    /// The logarithm of the softmax of the last dimension.
    public func logSoftmax() -> Tensor {
        let width = shape.last ?? 1
        return unsafe Tensor(filling: shape) {
            unsafe mgk_log_softmax(count / max(width, 1), width, pointer, $0)
        }
    }

    private func rowsAndWidth(_ weight: Tensor) -> (rows: Int, width: Int) {
        precondition(shape.last == weight.count, "\(shape) is not made of rows of \(weight.count)")
        return (count / max(weight.count, 1), weight.count)
    }
}

/// A row of doubles that sums of many floats are gathered in.
@safe private struct DoubleRow: ~Copyable {
    let pointer: UnsafeMutablePointer<Double>
    let count: Int

    init(_ count: Int) {
        self.count = count
        unsafe pointer = .allocate(capacity: max(count, 1))
        unsafe pointer.initialize(repeating: 0, count: max(count, 1))
    }

    deinit { unsafe pointer.deallocate() }

    var tensor: Tensor {
        Tensor([count]) { output in
            for i in 0..<count { output.append(Float(unsafe pointer[i])) }
        }
    }
}
