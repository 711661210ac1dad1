public import Tensors

/// Reshapes, rows and sums.
extension Variable {
    /// The same elements under another shape of the same count.
    public func reshaped(_ shape: [Int]) -> Variable {
        let original = self.shape
        return Variable(value.reshaped(shape), from: self) { dy in
            [.tensor(dy.reshaped(original))]
        }
    }

    /// The transpose of a matrix.
    public func transposed() -> Variable {
        Variable(value.transposed(), from: self) { dy in [.tensor(dy.transposed())] }
    }

    /// The rows at the given positions: an embedding, or a choice of tokens.
    ///
    /// # Shapes
    /// `[rows, width] → [indices.count, width]`.
    public func rows(_ indices: [Int32]) -> Variable {
        Variable(value.rows(indices), from: self) { dy in [.rows(dy, at: indices)] }
    }

    /// The same rows again and again: `dx` is the sum of what comes back to each repetition.
    ///
    /// # Shapes
    /// `[…, rows, width] → [count · rows, width]`.
    public func repeated(_ count: Int) -> Variable {
        let width = shape.last ?? 1
        let rows = value.reshaped([value.count / max(width, 1), width])
        let all = Tensor(joiningRowsOf: Array(repeating: rows, count: count))
        let (shape, size) = ([rows.shape[0] * count, width], value.count)
        return Variable(all.reshaped(shape), from: self) { dy in
            [.tensor(dy.reshaped([count, size]))]
        }
    }

    /// Two matrices of as many rows, side by side.
    ///
    /// # Shapes
    /// `[rows, a]` and `[rows, b]` to `[rows, a + b]`.
    public func joined(to other: Variable) -> Variable {
        let (a, b) = (value.rowWidth, other.value.rowWidth)
        let joined =
            value.placed(atColumn: 0, of: a + b) + other.value.placed(atColumn: a, of: a + b)
        return Variable(joined, from: self, other) { dy in
            [.tensor(dy.columns(0..<a)), .tensor(dy.columns(a..<a + b))]
        }
    }

    /// Some neighbouring columns of a matrix: one of several values that one product has given.
    ///
    /// # Shapes
    /// `[rows, width] → [rows, range.count]`.
    public func columns(_ range: Range<Int>) -> Variable {
        let width = value.rowWidth
        return Variable(value.columns(range), from: self) { dy in
            [.tensor(dy.placed(atColumn: range.lowerBound, of: width))]
        }
    }

    /// The sum of all elements, a scalar.
    public func sum() -> Variable {
        let shape = shape
        return Variable(Tensor(Float(value.sum())), from: self) { dy in
            [.tensor(Tensor(shape, repeating: dy[0]))]
        }
    }

    /// The mean of all elements, a scalar.
    public func mean() -> Variable { sum() * (1 / Float(max(value.count, 1))) }

    /// The mean of the tokens of each sequence.
    ///
    /// # Shapes
    /// `[tokens, width] → [sequences, width]`.
    public func means(of sequences: Sequences) -> Variable {
        let rows = sequences.lengths.enumerated().flatMap { sequence, length in
            Array(repeating: Int32(sequence), count: length)
        }
        let weights = sequences.lengths.map { 1 / Float(max($0, 1)) }
        let width = value.rowWidth
        var sums = Tensor.zeros([sequences.count, width])
        sums.add(rows: value, at: rows)
        let scale = Tensor(
            [sequences.count, width],
            weights.flatMap { Array(repeating: $0, count: width) }
        )
        return Variable(sums * scale, from: self) { dy in [.tensor((dy * scale).rows(rows))] }
    }
}
