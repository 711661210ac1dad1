internal import CLAPACKE

/// The upper triangular `U` with `H⁻¹ = UᵀU`, in double: what optimal brain surgeons cut along.
///
/// (Hassibi and Stork, 1993; column by column as Frantar and Alistarh, arXiv:2301.00774.)
public struct InverseFactor: Sendable {
    /// The number of rows.
    public let width: Int
    private let elements: [Double]

    /// The factor for `H = factor · G` with a share of the mean of its diagonal added to that; an
    /// input that never differs from 0 counts as if its square were 1.
    ///
    /// `nil` where that has no inverse.
    ///
    /// # Shapes
    /// `triangle` is the upper triangle of `G`, row by row, `[width · (width + 1) / 2]`.
    public init?(triangle: Tensor, width: Int, times factor: Double, damping: Double) {
        precondition(triangle.count == width * (width + 1) / 2, "\(triangle.shape)")
        self.width = width
        var matrix = [Double](repeating: 0, count: width * width)
        triangle.withSpan { span in
            var from = 0
            for row in 0..<width {
                for column in row..<width {
                    matrix[row * width + column] = factor * Double(span[from])
                    from += 1
                }
            }
        }
        let diagonal = (0..<width).map { $0 * (width + 1) }
        for place in diagonal where matrix[place] == 0 { matrix[place] = 1 }
        let mean = diagonal.reduce(0) { $0 + matrix[$1] } / Double(max(width, 1))
        for place in diagonal { matrix[place] += damping * mean }
        // By columns the upper triangle is a lower one: the factor of the inverse comes out as `Uᵀ`
        // there, which by rows is `U`.
        let (lower, n) = (CChar(UInt8(ascii: "L")), Int32(width))
        guard
            unsafe LAPACKE_dpotrf(LAPACK_COL_MAJOR, lower, n, &matrix, max(n, 1)) == 0,
            unsafe LAPACKE_dpotri(LAPACK_COL_MAJOR, lower, n, &matrix, max(n, 1)) == 0,
            unsafe LAPACKE_dpotrf(LAPACK_COL_MAJOR, lower, n, &matrix, max(n, 1)) == 0,
            diagonal.allSatisfy({ matrix[$0].isFinite && matrix[$0] > 0 })
        else { return nil }
        elements = matrix
    }

    /// An element on or above the diagonal.
    public subscript(row: Int, column: Int) -> Double { elements[row * width + column] }
}
