internal import CLAPACKE

/// Eigenvectors of a symmetric matrix, that of the largest eigenvalue first.
public struct Eigenvectors: Sendable {
    /// The eigenvalues, in descending order.
    public let values: [Double]
    /// The eigenvectors, one in each row; of length 1 and at right angles.
    public let vectors: Matrix

    /// The eigenvectors of a symmetric matrix whose elements are all finite, or so many of them.
    ///
    /// What is below the diagonal is not read.
    public init(of matrix: Matrix, leading count: Int? = nil) {
        let n = matrix.rows
        precondition(matrix.columns == n, "\(n)×\(matrix.columns) is not symmetric")
        precondition(BLAS.isReady)
        let count = min(count ?? n, n)
        // What the vectors of a quarter cost is as much as those of all.
        let few = 4 * count < n ? Self.some(matrix, count) : nil
        let ascending = few ?? Self.all(matrix) ?? Self.some(matrix, count)
        guard let (values, rows) = ascending else {
            preconditionFailure("the eigenvalues of a matrix that is not finite were asked for")
        }
        var vectors = Matrix(rows: count, columns: n)
        for row in 0..<count {
            let from = (values.count - 1 - row) * n
            vectors.elements.replaceSubrange(row * n..<(row + 1) * n, with: rows[from..<from + n])
        }
        self.values = values.suffix(count).reversed()
        self.vectors = vectors
    }

    // LAPACK counts by columns: a symmetric matrix is the same, and eigenvectors come out as rows.

    /// All of them by divide and conquer, in ascending order.
    private static func all(_ matrix: Matrix) -> ([Double], rows: [Double])? {
        let n = Int32(matrix.rows)
        var vectors = matrix.elements
        var values = [Double](repeating: 0, count: matrix.rows)
        // The matrix has as many elements as its dimensions say.
        let status = unsafe LAPACKE_dsyevd(
            LAPACK_COL_MAJOR,
            CChar(UInt8(ascii: "V")),
            CChar(UInt8(ascii: "L")),
            n,
            &vectors,
            max(n, 1),
            &values
        )
        return status == 0 ? (values, vectors) : nil
    }

    /// The last of them in ascending order, by robust representations of the tridiagonal form.
    private static func some(_ matrix: Matrix, _ count: Int) -> ([Double], rows: [Double])? {
        guard count > 0 else { return ([], []) }
        let n = matrix.rows
        var reduced = matrix.elements
        let zeros = [Double](repeating: 0, count: n)
        var (diagonal, beside, reflections, values) = (zeros, zeros, zeros, zeros)
        let (layout, side) = (LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")))
        let size = Int32(n)
        // The matrix has as many elements as its dimensions say, and every list has `n`.
        guard
            unsafe LAPACKE_dsytrd(
                layout,
                side,
                size,
                &reduced,
                size,
                &diagonal,
                &beside,
                &reflections
            ) == 0
        else { return nil }
        var vectors = [Double](repeating: 0, count: count * n)
        var supports = [Int32](repeating: 0, count: 2 * count)
        var (found, isPrecise) = (Int32(0), Int32(1))
        // Room is made for `count` eigenvectors, and as many are asked for.
        let status = unsafe LAPACKE_dstemr(
            layout,
            CChar(UInt8(ascii: "V")),
            CChar(UInt8(ascii: "I")),
            size,
            &diagonal,
            &beside,
            0,
            0,
            size - Int32(count) + 1,
            size,
            &found,
            &values,
            &vectors,
            size,
            Int32(count),
            &supports,
            &isPrecise
        )
        guard status == 0, found == count else { return nil }
        // `reduced` and `reflections` are what the reduction has left there.
        let isTurned = unsafe LAPACKE_dormtr(
            layout,
            side,
            side,
            CChar(UInt8(ascii: "N")),
            size,
            Int32(count),
            reduced,
            size,
            reflections,
            &vectors,
            size
        )
        return isTurned == 0 ? (Array(values.prefix(count)), vectors) : nil
    }
}

extension Eigenvectors {
    /// The largest eigenvalue that may be nothing but a rounding error of the largest of all.
    public var leastMeaningful: Double {
        max(0, values.first ?? 0) * Double(vectors.columns) * Double.ulpOfOne
    }

    /// `G^(−1/2)` of a matrix without negative eigenvalues, or of the part that these span.
    ///
    /// Directions that are 0 to working precision stay 0, as in a pseudoinverse: what they would be
    /// instead depends on rounding.
    public func inverseRoot() -> Matrix {
        let least = leastMeaningful
        // (Q·Λ^(−1/4))·(Q·Λ^(−1/4))ᵀ, so that the result is symmetric to the bit.
        let roots = values.map { $0 > least ? 1 / $0.squareRoot().squareRoot() : 0 }
        return vectors.scalingRows(by: roots).gram(ofColumns: true)
    }
}
