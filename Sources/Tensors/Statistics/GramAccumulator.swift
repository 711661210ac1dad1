internal import CKernels
internal import Synchronization

/// `XᵀX` of rows that come batch by batch: float32 within a batch, double across batches.
///
/// The matrix is symmetric, so only its upper triangle is kept, row by row.
public final class GramAccumulator: Sendable {
    /// The width of the rows.
    public let width: Int
    private let state: Mutex<(rows: Int, triangle: [Double])>

    /// A sum over no rows.
    public init(width: Int) {
        self.width = width
        state = Mutex((0, []))
    }

    /// Adds a batch: `square` is its ``Tensor/gram()``, over so many rows.
    public func add(_ square: Tensor, rows: Int) {
        precondition(square.shape == [width, width], "\(square.shape) for rows of \(width)")
        state.withLock { state in
            if state.triangle.isEmpty {
                state.triangle = Array(repeating: 0, count: width * (width + 1) / 2)
            }
            state.rows += rows
            unsafe state.triangle.withUnsafeMutableBufferPointer { sums in
                // A triangle of `width` rows has as many elements as the array was made with.
                guard let start = sums.baseAddress else { return }
                unsafe mgk_add_triangle(width, square.pointer, start)
            }
        }
    }

    /// The number of rows so far.
    public var rows: Int { state.withLock { $0.rows } }

    /// The upper triangle row by row, `[width · (width + 1) / 2]`, rounded to float32.
    public var triangle: Tensor {
        state.withLock { state in
            Tensor([width * (width + 1) / 2]) { output in
                if state.triangle.isEmpty {
                    output.append(repeating: 0, count: output.capacity)
                } else {
                    for sum in state.triangle { output.append(Float(sum)) }
                }
            }
        }
    }
}

extension Tensor {
    /// `XᵀX` of the rows of a matrix, its upper triangle; what is below it means nothing.
    ///
    /// # Shapes
    /// `[rows, width] → [width, width]`.
    public func gram() -> Tensor {
        let width = rowWidth
        return unsafe Tensor(filling: [width, width]) { out in
            unsafe BLAS.gram(pointer, rows: shape[0], width: width, into: out)
        }
    }

    /// The full symmetric matrix of an upper triangle `[width · (width + 1) / 2]`.
    public func symmetric(width: Int) -> Tensor {
        precondition(count == width * (width + 1) / 2, "\(shape) is no triangle of \(width) rows")
        return unsafe Tensor(filling: [width, width]) { out in
            var from = unsafe pointer
            for row in 0..<width {
                for column in row..<width {
                    unsafe out[row * width + column] = from.pointee
                    unsafe out[column * width + row] = from.pointee
                    unsafe from += 1
                }
            }
        }
    }
}

extension Tensor {
    /// The upper triangle of a square matrix, row by row.
    ///
    /// # Shapes
    /// `[width, width] → [width · (width + 1) / 2]`.
    public func triangle() -> Tensor {
        let width = shape[0]
        precondition(shape == [width, width], "\(shape) is no square")
        return withSpan { span in
            Tensor([width * (width + 1) / 2]) { output in
                for row in 0..<width {
                    for column in row..<width { output.append(span[row * width + column]) }
                }
            }
        }
    }
}
