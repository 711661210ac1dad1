internal import CLAPACKE

/// A thin singular value decomposition, `A = Σᵢ σᵢ·uᵢ·vᵢᵀ`, the largest singular value first.
public struct SingularVectors: Sendable {
    /// The singular values, in descending order.
    public let values: [Double]
    /// The left singular vectors `uᵢ`, one in each row.
    public let left: Matrix
    /// The right singular vectors `vᵢ`, one in each row.
    public let right: Matrix

    /// How they are found.
    public enum Road: Sendable {
        /// By the eigenvectors of the smaller of `AᵀA` and `A·Aᵀ`, in double.
        ///
        /// Squaring costs half of double's digits: a singular value is uncertain by about 10⁻¹⁶ of the
        /// largest one's square over itself. What is below √(n·2⁻⁵²) of the largest, 4·10⁻⁷ for a side
        /// of 768, counts as 0, its vectors with it. The tensors are float32, so that small a part of
        /// them is rounding. Of random matrices of 768×768 and 768×3072, all singular values come out
        /// within 2·10⁻¹⁵ of the largest (`sgesdd`: 6·10⁻⁷), in 0.15 s and 0.31 s of one core, where
        /// `dgesdd` takes 0.31 s and 1.23 s and `sgesdd` 0.20 s and 0.69 s.
        case gram
        /// By LAPACK's divide and conquer on the matrix itself, in double.
        case direct
    }

    /// The decomposition of a matrix whose elements are all finite, or so many leading triplets of it.
    public init(of matrix: Matrix, leading count: Int? = nil, by road: Road = .gram) {
        let count = min(count ?? .max, min(matrix.rows, matrix.columns))
        self = road == .gram ? .gram(matrix, count) : .direct(matrix, count)
    }

    private init(_ values: [Double], left: Matrix, right: Matrix) {
        (self.values, self.left, self.right) = (values, left, right)
    }

    private static func gram(_ matrix: Matrix, _ count: Int) -> SingularVectors {
        let isTall = matrix.rows >= matrix.columns
        let eigen = Eigenvectors(of: matrix.gram(ofColumns: isTall), leading: count)
        let least = eigen.leastMeaningful
        // What A makes of a singular vector of one side is σ times the one of the other side.
        var images = Matrix.product(eigen.vectors, matrix, transposingB: isTall)
        let values = zip(eigen.values, images.rowDots(images)).map {
            $0 > least ? $1.squareRoot() : 0
        }
        images = images.scalingRows(by: values.map { $0 > 0 ? 1 / $0 : 0 })
        let own = eigen.vectors.scalingRows(by: values.map { $0 > 0 ? 1 : 0 })
        return isTall
            ? .init(values, left: images, right: own)
            : .init(values, left: own, right: images)
    }

    private static func direct(_ matrix: Matrix, _ count: Int) -> SingularVectors {
        let (m, n) = (matrix.rows, matrix.columns)
        let all = min(m, n)
        var copy = matrix.elements
        var values = [Double](repeating: 0, count: all)
        var left = Matrix(rows: m, columns: all)
        var right = Matrix(rows: all, columns: n)
        guard BLAS.isReady, all > 0 else {
            return .init([], left: .init(rows: 0, columns: m), right: right)
        }
        // By columns the matrix is its transpose, whose left vectors are the right ones by rows.
        let status = unsafe LAPACKE_dgesdd(
            LAPACK_COL_MAJOR,
            CChar(UInt8(ascii: "S")),
            Int32(n),
            Int32(m),
            &copy,
            Int32(n),
            &values,
            &right.elements,
            Int32(n),
            &left.elements,
            Int32(all)
        )
        precondition(status == 0, "a matrix that is not finite was decomposed")
        return .init(
            Array(values.prefix(count)),
            left: left.transposed.prefix(count),
            right: right.prefix(count)
        )
    }
}

extension SingularVectors {
    /// `Σᵢ fᵢ·uᵢ·vᵢᵀ` with other factors than the singular values.
    public func product(_ factors: [Double]) -> Matrix {
        .product(left, right.scalingRows(by: factors), transposingA: true)
    }
}

extension Matrix {
    /// The matrix with rows and columns exchanged.
    public var transposed: Matrix {
        var result = Matrix(rows: columns, columns: rows)
        for row in 0..<rows {
            for column in 0..<columns { result[column, row] = self[row, column] }
        }
        return result
    }

    /// The polar factor and the sum of the singular values: `A = P·H`, `tr H`.
    ///
    /// Of a matrix that lacks rank, `P` lacks it too.
    public func polar() -> (factor: Matrix, trace: Double) {
        let isTall = rows >= columns
        let eigen = Eigenvectors(of: gram(ofColumns: isTall))
        let inverse = eigen.inverseRoot()
        let factor =
            isTall ? Matrix.product(self, inverse) : Matrix.product(inverse, self)
        return (factor, eigen.values.reduce(0) { $0 + max(0, $1).squareRoot() })
    }
}
