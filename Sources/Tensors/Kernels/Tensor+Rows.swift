internal import CKernels

/// Picking rows of a matrix, and adding to them.
extension Tensor {
    /// The rows at the given positions, in that order; a position may occur more than once.
    ///
    /// # Shapes
    /// `[rows, width] → [indices.count, width]`.
    public func rows(_ indices: [Int32]) -> Tensor {
        let width = rowWidth
        return unsafe Tensor(filling: [indices.count] + shape.dropFirst()) { out in
            for (position, index) in indices.enumerated() {
                precondition(index >= 0 && Int(index) < shape[0], "row \(index) of \(shape)")
                unsafe (out + position * width)
                    .update(from: pointer + Int(index) * width, count: width)
            }
        }
    }

    /// Adds row `i` of `rows` to row `indices[i]` of this matrix, in order.
    public mutating func add(rows: Tensor, at indices: [Int32]) {
        let (width, height) = (rowWidth, shape[0])
        precondition(rows.count == indices.count * width, "\(rows.shape) for \(indices.count) rows")
        unsafe withMutablePointer { out in
            for (position, index) in indices.enumerated() {
                precondition(index >= 0 && Int(index) < height, "row \(index) of \(height)")
                unsafe mgk_accumulate(
                    width,
                    1,
                    rows.pointer + position * width,
                    out + Int(index) * width
                )
            }
        }
    }

    /// Matrices of equal width, one under the other.
    public init(joiningRowsOf parts: [Tensor]) {
        let width = parts.first?.rowWidth ?? 0
        precondition(parts.allSatisfy { $0.rowWidth == width }, "matrices of different widths")
        let rows = parts.reduce(0) { $0 + $1.shape[0] }
        // The parts have as many elements as the whole, and are laid down one behind the other.
        self = unsafe Tensor(filling: [rows, width]) { out in
            var end = unsafe out
            for part in parts {
                unsafe end.update(from: part.pointer, count: part.count)
                unsafe end += part.count
            }
        }
    }

    /// Some neighbouring columns of a matrix.
    ///
    /// # Shapes
    /// `[rows, width] → [rows, range.count]`.
    public func columns(_ range: Range<Int>) -> Tensor {
        let width = rowWidth
        precondition(range.lowerBound >= 0 && range.upperBound <= width, "\(range) of \(shape)")
        return unsafe Tensor(filling: [shape[0], range.count]) { out in
            for row in 0..<shape[0] {
                unsafe (out + row * range.count)
                    .update(from: pointer + row * width + range.lowerBound, count: range.count)
            }
        }
    }

    /// A matrix of so many columns that has this one at `offset` and zeros elsewhere.
    ///
    /// # Shapes
    /// `[rows, columns] → [rows, width]`.
    public func placed(atColumn offset: Int, of width: Int) -> Tensor {
        let columns = rowWidth
        precondition(offset >= 0 && offset + columns <= width, "\(shape) at \(offset) of \(width)")
        return unsafe Tensor(filling: [shape[0], width]) { out in
            unsafe out.update(repeating: 0, count: shape[0] * width)
            for row in 0..<shape[0] {
                unsafe (out + row * width + offset)
                    .update(from: pointer + row * columns, count: columns)
            }
        }
    }

    /// The transpose of a matrix.
    public func transposed() -> Tensor {
        precondition(shape.count == 2, "only matrices are transposed, not \(shape)")
        let (m, n) = (shape[0], shape[1])
        return unsafe Tensor(filling: [n, m]) { out in
            for i in 0..<m { for j in 0..<n { unsafe out[j * m + i] = pointer[i * n + j] } }
        }
    }

    /// The number of elements of one row: all dimensions but the first.
    public var rowWidth: Int { shape.dropFirst().reduce(1, *) }
}
