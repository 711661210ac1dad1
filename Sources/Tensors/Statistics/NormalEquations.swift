internal import CLAPACKE
internal import COpenBLAS

/// Least squares over several weights of one linear map, each with the Gram matrix of its inputs:
/// `min_W Σₖ cₖ·‖(W − Wₖ)·Xₖᵀ‖²`, so `W·Σ cₖ·Gₖ = Σ cₖ·Wₖ·Gₖ`; all sums and the solve in double.
public struct NormalEquations: Sendable {
    private let inputs, outputs: Int
    /// `Σ cₖ·Gₖ`, its upper triangle row by row; `[inputs, inputs]`.
    private var left: [Double]
    /// `Σ cₖ·Wₖ·Gₖ`, `[outputs, inputs]`.
    private var right: [Double]

    /// Equations for a weight `[outputs, inputs]`.
    public init(outputs: Int, inputs: Int) {
        (self.outputs, self.inputs) = (outputs, inputs)
        left = Array(repeating: 0, count: inputs * inputs)
        right = Array(repeating: 0, count: outputs * inputs)
    }

    /// Equations `A·x = b` with a symmetric `A`, row by row, for one row of unknowns.
    public init(left: [Double], right: [Double]) {
        precondition(left.count == right.count * right.count, "no square system")
        (outputs, inputs) = (1, right.count)
        (self.left, self.right) = (left, right)
    }

    /// Equations `W·A = B` with a symmetric `A`, of which what is below the diagonal is not read.
    public init(left: Matrix, right: Matrix) {
        precondition(left.rows == right.columns && left.rows == left.columns, "no square system")
        (outputs, inputs) = (right.rows, right.columns)
        (self.left, self.right) = (left.elements, right.elements)
    }

    /// Adds a weight and the Gram matrix of its inputs.
    ///
    /// # Shapes
    /// `weight` `[outputs, inputs]`, where `inputs` may be several dimensions; `triangle` the upper
    /// triangle of the Gram matrix, row by row. Its elements off the diagonal are multiplied by
    /// `shrinking` and all of them by `factor`.
    public mutating func add(
        _ weight: Tensor,
        triangle: Tensor,
        shrinking: Double = 1,
        times factor: Double
    ) {
        precondition(weight.count == outputs * inputs, "\(weight.shape)")
        precondition(triangle.count == inputs * (inputs + 1) / 2, "\(triangle.shape)")
        var gram = [Double](repeating: 0, count: inputs * inputs)
        triangle.withSpan { span in
            var from = 0
            for row in 0..<inputs {
                for column in row..<inputs {
                    let value = factor * Double(span[from])
                    gram[row * inputs + column] = row == column ? value : shrinking * value
                    from += 1
                }
            }
        }
        let wide = weight.withSpan { span in span.indices.map { Double(span[$0]) } }
        let n = Int32(inputs)
        for i in left.indices { left[i] += gram[i] }
        // Every matrix has as many elements as its dimensions say.
        unsafe right.withUnsafeMutableBufferPointer { sum in
            guard let sum = sum.baseAddress else { return }
            unsafe cblas_dsymm(
                CblasRowMajor,
                CblasRight,
                CblasUpper,
                Int32(outputs),
                n,
                1,
                gram,
                n,
                wide,
                n,
                1,
                sum,
                n
            )
        }
    }

    /// How equations were solved.
    public enum Method: Sendable, Equatable {
        /// By Cholesky's factorization, with so much of the diagonal's mean added to the diagonal.
        case cholesky(ridge: Double)
        /// By the eigenvectors, leaving out so many whose eigenvalues are 0 or nearly so.
        case pseudoinverse(dropped: Int)
    }

    /// The weight that solves equations.
    public struct Solution: Sendable {
        /// `[outputs, inputs]`.
        public let weight: Tensor
        /// The condition number of what was solved, estimated in the 1-norm.
        public let condition: Double
        /// How it was solved.
        public let method: Method
    }

    /// The smallest of the weights that solve the equations; exactly, without any ridge.
    public func smallestSolution() -> Solution { cholesky(ridge: 0) ?? pseudoinverse() }

    /// Solves the equations: by Cholesky's factorization with the given ridge; where that is not
    /// possible, with one of 10⁻⁶ of the diagonal's mean; and else by the pseudoinverse.
    public func solved(ridge: Double = 0) -> Solution {
        let fallbacks = ridge < 1e-6 ? [ridge, 1e-6] : [ridge]
        for ridge in fallbacks {
            if let solution = cholesky(ridge: ridge) { return solution }
        }
        return pseudoinverse()
    }
}

extension NormalEquations {
    private func ridged(_ ridge: Double) -> [Double] {
        var matrix = left
        guard ridge > 0, inputs > 0 else { return matrix }
        let diagonal = (0..<inputs).map { left[$0 * (inputs + 1)] }
        let addend = ridge * diagonal.reduce(0, +) / Double(inputs)
        for i in 0..<inputs { matrix[i * (inputs + 1)] += addend }
        return matrix
    }

    /// The largest sum of absolute values of a column.
    private static func norm(ofTriangle matrix: [Double], _ n: Int) -> Double {
        var sums = [Double](repeating: 0, count: n)
        for row in 0..<n {
            for column in row..<n {
                let size = abs(matrix[row * n + column])
                sums[row] += size
                if column > row { sums[column] += size }
            }
        }
        return sums.max() ?? 0
    }

    // LAPACK counts by columns: what is an upper triangle by rows is a lower one to it, and the
    // right side `[outputs, inputs]` by rows is the transposed one that it solves for.
    private func cholesky(ridge: Double) -> Solution? {
        var (matrix, solution) = (ridged(ridge), right)
        let norm = Self.norm(ofTriangle: matrix, inputs)
        let lower = CChar(UInt8(ascii: "L"))
        let n = Int32(inputs)
        guard
            unsafe LAPACKE_dpotrf(LAPACK_COL_MAJOR, lower, n, &matrix, max(n, 1)) == 0
        else { return nil }
        var reciprocal = 0.0
        let estimated = unsafe LAPACKE_dpocon(
            LAPACK_COL_MAJOR,
            lower,
            n,
            matrix,
            max(n, 1),
            norm,
            &reciprocal
        )
        // Below the precision of the arithmetic the factors mean nothing.
        guard estimated == 0, reciprocal > 1e-15 else { return nil }
        let status = unsafe LAPACKE_dpotrs(
            LAPACK_COL_MAJOR,
            lower,
            n,
            Int32(outputs),
            matrix,
            max(n, 1),
            &solution,
            max(n, 1)
        )
        guard status == 0, solution.allSatisfy(\.isFinite) else { return nil }
        return Solution(
            weight: Tensor([outputs, inputs], solution.map { Float($0) }),
            condition: 1 / reciprocal,
            method: .cholesky(ridge: ridge)
        )
    }

    private func pseudoinverse() -> Solution {
        let eigen = Eigenvectors(of: Matrix(rows: inputs, columns: inputs, elements: left))
        let least = eigen.leastMeaningful
        let inverses = eigen.values.map { $0 > least ? 1 / $0 : 0 }
        // W = B·V·Λ⁺·Vᵀ
        let rotated = Matrix.product(
            Matrix(rows: outputs, columns: inputs, elements: right),
            eigen.vectors,
            transposingB: true
        )
        let weight = Matrix.product(rotated, eigen.vectors.scalingRows(by: inverses))
        let largest = eigen.values.first ?? 0
        let smallest = eigen.values.last { $0 > least } ?? largest
        return Solution(
            weight: Tensor(weight),
            condition: smallest > 0 ? largest / smallest : .infinity,
            method: .pseudoinverse(dropped: inverses.count { $0 == 0 })
        )
    }
}
