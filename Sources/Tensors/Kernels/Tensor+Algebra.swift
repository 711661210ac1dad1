internal import CKernels

/// Elementwise algebra. Shapes must agree; only `addingRow` broadcasts.
extension Tensor {
    /// The sum, element by element.
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        unsafe combine(a, b) { unsafe mgk_add($0, $1, $2, $3) }
    }

    /// The difference, element by element.
    public static func - (a: Tensor, b: Tensor) -> Tensor {
        unsafe combine(a, b) { unsafe mgk_subtract($0, $1, $2, $3) }
    }

    /// The product, element by element.
    public static func * (a: Tensor, b: Tensor) -> Tensor {
        unsafe combine(a, b) { unsafe mgk_multiply($0, $1, $2, $3) }
    }

    /// Every element times one number.
    public static func * (a: Tensor, factor: Float) -> Tensor {
        unsafe Tensor(filling: a.shape) { unsafe mgk_scale(a.count, factor, a.pointer, $0) }
    }

    /// Multiplies every element by one number in place.
    public static func *= (a: inout Tensor, factor: Float) {
        let count = a.count
        unsafe a.withMutablePointer { unsafe mgk_rescale(count, factor, $0) }
    }

    /// The quotient; a divisor of 0 counts as 1.
    public func divided(by divisor: Tensor) -> Tensor {
        unsafe Self.combine(self, divisor) { unsafe mgk_divide($0, $1, $2, $3) }
    }

    /// Adds `factor · other` in place.
    public mutating func add(_ other: Tensor, times factor: Float = 1) {
        precondition(count == other.count, "\(shape) + \(other.shape)")
        let count = count
        unsafe withMutablePointer { unsafe mgk_accumulate(count, factor, other.pointer, $0) }
    }

    /// This matrix with `row` added to each of its rows.
    ///
    /// # Shapes
    /// `[…, width] + [width] → […, width]`, where `width` may itself be several dimensions.
    public func addingRow(_ row: Tensor) -> Tensor {
        precondition(row.count > 0 && count % row.count == 0, "\(shape) + \(row.shape)")
        return unsafe Tensor(filling: shape) { out in
            for start in stride(from: 0, to: count, by: row.count) {
                unsafe mgk_add(row.count, pointer + start, row.pointer, out + start)
            }
        }
    }

    /// Each row of this matrix times `factors`, element by element, and plus `addend` where given.
    ///
    /// # Shapes
    /// `[…, width] · [width] + […, width] → […, width]`.
    public func multiplyingRow(_ factors: Tensor, adding addend: Tensor? = nil) -> Tensor {
        let width = factors.count
        precondition(width > 0 && count % width == 0, "\(shape) times \(factors.shape)")
        precondition(addend.map { $0.count == count } ?? true, "\(shape) + \(addend?.shape ?? [])")
        return unsafe Tensor(filling: shape) { out in
            for start in stride(from: 0, to: count, by: width) {
                let (x, y) = unsafe (pointer + start, out + start)
                if let addend {
                    unsafe mgk_multiply_add(width, x, factors.pointer, addend.pointer + start, y)
                } else {
                    unsafe mgk_multiply(width, x, factors.pointer, y)
                }
            }
        }
    }

    // The kernel writes `count` elements and reads as many of each argument.
    @unsafe
    private static func combine(
        _ a: Tensor,
        _ b: Tensor,
        _ kernel: (
            Int, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>
        ) -> Void
    ) -> Tensor {
        precondition(a.count == b.count, "\(a.shape) and \(b.shape)")
        return unsafe Tensor(filling: a.shape) {
            unsafe kernel(a.count, a.pointer, b.pointer, $0)
        }
    }
}

@unsafe
func addRow(_ row: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>, count: Int) {
    unsafe mgk_accumulate(count, 1, row, out)
}
