import Tensors
import Testing

/// The shape of a matrix, how many directions it has, and how fast its singular values fall.
private struct Shape: CustomTestStringConvertible, Sendable {
    let rows, columns, rank: Int
    var fall: Double = 1

    var testDescription: String { "\(rows)×\(columns) of rank \(rank), falling by \(fall)" }

    /// A random matrix of this kind.
    var matrix: Matrix {
        var generator = SeededGenerator(seed: 7, testDescription)
        func random(_ rows: Int, _ columns: Int) -> Matrix {
            Matrix(Tensor([rows, columns], (0..<rows * columns).map { _ in generator.normal() }))
        }
        let left = random(rank, rows)
        var (scale, scales) = (1.0, [Double]())
        for _ in 0..<rank {
            scales.append(scale)
            scale *= fall
        }
        return .product(left.scalingRows(by: scales), random(rank, columns), transposingA: true)
    }

    static let all = [
        Shape(rows: 1, columns: 1, rank: 1), Shape(rows: 5, columns: 1, rank: 1),
        Shape(rows: 1, columns: 7, rank: 1), Shape(rows: 24, columns: 24, rank: 24),
        Shape(rows: 40, columns: 24, rank: 24), Shape(rows: 24, columns: 40, rank: 24),
        Shape(rows: 30, columns: 50, rank: 4), Shape(rows: 50, columns: 30, rank: 4),
        Shape(rows: 20, columns: 20, rank: 20, fall: 0.5),
        Shape(rows: 12, columns: 12, rank: 0),
    ]
}

/// The largest difference of two matrices.
private func difference(_ a: Matrix, _ b: Matrix) -> Double {
    var rest = a
    rest.add(b, times: -1)
    return Double(Tensor(rest).largestMagnitude)
}

private func identity(_ count: Int) -> Matrix {
    var result = Matrix(rows: count, columns: count)
    for i in 0..<count { result[i, i] = 1 }
    return result
}

@Suite struct `Decompositions of matrices` {
    @Test(arguments: Shape.all, [SingularVectors.Road.gram, .direct])
    private func `singular vectors make up the matrix, at right angles`(
        shape: Shape,
        road: SingularVectors.Road
    ) {
        let matrix = shape.matrix
        let singular = SingularVectors(of: matrix, by: road)
        let largest = max(singular.values.first ?? 0, 1e-300)
        #expect(singular.values.count == min(shape.rows, shape.columns))
        #expect(singular.values == singular.values.sorted(by: >))
        // Squaring drops what is below 1e-7 of the largest.
        let limit = (road == .gram ? 1e-6 : 1e-13) * largest
        #expect(difference(singular.product(singular.values), matrix) <= limit)
        let kept = singular.values.count { $0 > 1e-4 * largest }
        for vectors in [singular.left, singular.right] {
            let products = vectors.prefix(kept).gram(ofColumns: false)
            #expect(difference(products, identity(kept)) <= 1e-7)
        }
    }

    @Test(arguments: Shape.all)
    private func `both roads find the same singular values`(shape: Shape) {
        let (gram, direct) = (
            SingularVectors(of: shape.matrix), SingularVectors(of: shape.matrix, by: .direct)
        )
        let largest = direct.values.first ?? 0
        for (found, expected) in zip(gram.values, direct.values) {
            #expect(abs(found - expected) <= 1e-6 * largest)
            if expected > 1e-3 * largest {
                #expect(abs(found - expected) <= 1e-11 * largest)
            }
        }
    }

    @Test(arguments: Shape.all.filter { $0.fall == 1 }, [1, 3, 11])
    private func `leading triplets are the first of all`(shape: Shape, count: Int) {
        let count = min(count, min(shape.rows, shape.columns))
        let (all, some) = (
            SingularVectors(of: shape.matrix), SingularVectors(of: shape.matrix, leading: count)
        )
        #expect(some.values.count == count)
        let largest = all.values.first ?? 0
        for (a, b) in zip(all.values, some.values) { #expect(abs(a - b) <= 1e-7 * largest) }
        let padded = some.values + all.values.dropFirst(count).map { _ in 0 }
        #expect(difference(all.product(padded), some.product(some.values)) <= 1e-6 * largest)
    }

    @Test(arguments: Shape.all)
    private func `a polar factor is what the singular vectors make up`(shape: Shape) {
        let matrix = shape.matrix
        let (factor, trace) = matrix.polar()
        let direct = SingularVectors(of: matrix, by: .direct)
        let sum = direct.values.reduce(0, +)
        #expect(abs(trace - sum) <= 1e-6 * sum)
        let largest = direct.values.first ?? 0
        let expected = direct.product(direct.values.map { $0 > 1e-7 * largest ? 1 : 0 })
        // Directions of small singular values turn with the rounding of large ones.
        #expect(difference(factor, expected) <= (shape.fall == 1 ? 1e-9 : 1e-4))
    }

    @Test func `an inverse root undoes the matrix twice, where there is one`() {
        let shape = Shape(rows: 9, columns: 9, rank: 6)
        let eigen = Eigenvectors(of: shape.matrix.gram(ofColumns: true))
        let root = eigen.inverseRoot()
        let product = Matrix.product(
            Matrix.product(root, shape.matrix.gram(ofColumns: true)),
            root
        )
        // The projection onto the six directions that the matrix has.
        let kept = eigen.vectors.prefix(6)
        #expect(difference(product, kept.gram(ofColumns: true)) <= 1e-9)
    }

    @Test func `the smallest solution is exact where many solve the equations`() {
        let rows = Shape(rows: 3, columns: 8, rank: 3).matrix
        let wanted = Matrix.product(Shape(rows: 2, columns: 3, rank: 2).matrix, rows)
        let gram = rows.gram(ofColumns: true)
        let equations = NormalEquations(left: gram, right: .product(wanted, gram))
        // Rows of the weight lie in the span of the matrix's rows, as the smallest do.
        #expect(difference(Matrix(equations.smallestSolution().weight), wanted) <= 1e-5)
    }
}
