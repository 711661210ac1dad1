internal import CKernels
internal import COpenBLAS

/// A matrix in double, row by row: what decompositions and solves are computed in.
///
/// Twice the memory of a `Tensor`: for one parameter at a time, never for a model.
public struct Matrix: Sendable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int
    var elements: [Double]

    init(rows: Int, columns: Int, elements: [Double]) {
        precondition(elements.count == rows * columns, "\(elements.count) for \(rows)×\(columns)")
        (self.rows, self.columns, self.elements) = (rows, columns, elements)
    }

    /// A matrix of zeros.
    public init(rows: Int, columns: Int) {
        self.init(
            rows: rows,
            columns: columns,
            elements: Array(repeating: 0, count: rows * columns)
        )
    }

    /// The elements of a tensor `[rows, …]`.
    public init(_ tensor: Tensor) {
        let elements = unsafe [Double](unsafeUninitializedCapacity: tensor.count) { buffer, count in
            // The buffer holds as many elements as the tensor; only an empty one has no address.
            if let start = buffer.baseAddress {
                unsafe mgk_widen(tensor.count, tensor.pointer, start)
            }
            count = tensor.count
        }
        self.init(rows: tensor.shape[0], columns: tensor.rowWidth, elements: elements)
    }

    /// One element.
    public subscript(row: Int, column: Int) -> Double {
        get { elements[row * columns + column] }
        set { elements[row * columns + column] = newValue }
    }
}

extension Tensor {
    /// The elements of a matrix, rounded; `[rows, columns]`.
    public init(_ matrix: Matrix) {
        self.init([matrix.rows, matrix.columns]) { output in
            for element in matrix.elements { output.append(Float(element)) }
        }
    }
}

// MARK: Rows

extension Matrix {
    /// The first rows.
    public func prefix(_ count: Int) -> Matrix {
        let count = min(count, rows)
        return Matrix(
            rows: count,
            columns: columns,
            elements: Array(elements.prefix(count * columns))
        )
    }

    /// This matrix with the rows of another below it.
    public mutating func append(_ other: Matrix) {
        precondition(other.columns == columns, "rows of \(other.columns) below rows of \(columns)")
        self = Matrix(
            rows: rows + other.rows,
            columns: columns,
            elements: elements + other.elements
        )
    }

    /// Row `i` times `factors[i]`.
    public func scalingRows(by factors: [Double]) -> Matrix {
        precondition(factors.count == rows, "\(factors.count) factors for \(rows) rows")
        var result = self
        for row in 0..<rows {
            for i in row * columns..<(row + 1) * columns { result.elements[i] *= factors[row] }
        }
        return result
    }

    /// The inner products of matching rows of two matrices.
    public func rowDots(_ other: Matrix) -> [Double] {
        precondition(rows == other.rows && columns == other.columns)
        return (0..<rows).map { row in
            (row * columns..<(row + 1) * columns).reduce(0) {
                $0 + elements[$1] * other.elements[$1]
            }
        }
    }
}

// MARK: Sums and products

extension Matrix {
    /// Adds `factor · other` in place.
    public mutating func add(_ other: Matrix, times factor: Double = 1) {
        precondition(rows == other.rows && columns == other.columns)
        for i in elements.indices { elements[i] += factor * other.elements[i] }
    }

    /// Adds the elements of a tensor to as many of this matrix, row by row from a position on.
    public mutating func add(_ tensor: Tensor, at start: Int = 0) {
        precondition(
            start >= 0 && start + tensor.count <= elements.count,
            "\(rows)×\(columns) + \(tensor.shape) at \(start)"
        )
        // So many elements follow the first that is written.
        unsafe elements.withUnsafeMutableBufferPointer { sums in
            guard let first = sums.baseAddress else { return }
            unsafe mgk_accumulate_wide(tensor.count, tensor.pointer, first + start)
        }
    }

    /// Every element times one number.
    public static func * (a: Matrix, factor: Double) -> Matrix {
        var product = a
        for i in product.elements.indices { product.elements[i] *= factor }
        return product
    }

    /// The sum of the products of matching elements.
    public func dot(_ other: Matrix) -> Double {
        precondition(rows == other.rows && columns == other.columns)
        return elements.indices.reduce(0) { $0 + elements[$1] * other.elements[$1] }
    }

    /// The sum of the squares of all elements.
    public var squaredNorm: Double { dot(self) }

    /// The product of two matrices, each transposed first where asked.
    ///
    /// # Shapes
    /// `[m, k] · [k, n] → [m, n]`.
    public static func product(
        _ a: Matrix,
        _ b: Matrix,
        transposingA: Bool = false,
        transposingB: Bool = false
    ) -> Matrix {
        let (m, k) = transposingA ? (a.columns, a.rows) : (a.rows, a.columns)
        let (inner, n) = transposingB ? (b.columns, b.rows) : (b.rows, b.columns)
        precondition(k == inner, "inner dimensions \(k) and \(inner) differ")
        var result = Matrix(rows: m, columns: n)
        guard BLAS.isReady, m > 0, n > 0, k > 0 else { return result }
        // Every matrix has as many elements as its dimensions say.
        unsafe cblas_dgemm(
            CblasRowMajor,
            transposingA ? CblasTrans : CblasNoTrans,
            transposingB ? CblasTrans : CblasNoTrans,
            Int32(m),
            Int32(n),
            Int32(k),
            1,
            a.elements,
            Int32(a.columns),
            b.elements,
            Int32(b.columns),
            0,
            &result.elements,
            Int32(n)
        )
        return result
    }

    /// `A·Aᵀ`, or `AᵀA`: the inner products of the rows, or of the columns.
    public func gram(ofColumns: Bool) -> Matrix {
        let n = ofColumns ? columns : rows
        var result = Matrix(rows: n, columns: n)
        guard BLAS.isReady, rows > 0, columns > 0 else { return result }
        // Every matrix has as many elements as its dimensions say.
        unsafe cblas_dsyrk(
            CblasRowMajor,
            CblasUpper,
            ofColumns ? CblasTrans : CblasNoTrans,
            Int32(n),
            Int32(ofColumns ? rows : columns),
            1,
            elements,
            Int32(columns),
            0,
            &result.elements,
            Int32(n)
        )
        result.mirrorUpper()
        return result
    }

    /// Writes what is above the diagonal below it, tile by tile: whole columns would leave the cache.
    private mutating func mirrorUpper() {
        let tile = 32
        for top in stride(from: 0, to: rows, by: tile) {
            for left in stride(from: top, to: columns, by: tile) {
                for row in top..<min(top + tile, rows) {
                    for column in left..<min(left + tile, columns) where column > row {
                        self[column, row] = self[row, column]
                    }
                }
            }
        }
    }
}
