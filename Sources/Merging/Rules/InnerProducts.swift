internal import Tensors

/// The inner products of the models' vectors of one parameter, all in double.
///
/// Whatever lies in the span of some vectors has its lengths and angles in their inner products:
/// after one pass over a parameter, a method that turns vectors works on a matrix of a few numbers,
/// and what it gives is one factor for each vector.
struct InnerProducts: Sendable {
    /// The number of vectors.
    let count: Int
    private var products: [Double]

    /// Reads all of a parameter, block by block.
    init(
        of parameter: ModelPool.Parameter,
        _ vectors: (MergeBlock) throws -> [Tensor]
    ) throws {
        var sums: [Double] = []
        var count = 0
        for range in Blocks.of(shape: parameter.shape) {
            let block = MergeBlock(parameter: parameter, range: range)
            let all = try vectors(block)
            for vector in all { try block.check(vector) }
            count = all.count
            if sums.isEmpty { sums = Array(repeating: 0, count: count * count) }
            for i in all.indices { for j in 0...i { sums[i * count + j] += all[i].dot(all[j]) } }
        }
        for i in 0..<count { for j in 0..<i { sums[j * count + i] = sums[i * count + j] } }
        (self.count, products) = (count, sums)
    }

    /// Those of matrices of one shape.
    init(of matrices: [Matrix]) {
        count = matrices.count
        products = Array(repeating: 0, count: count * count)
        for i in 0..<count {
            for j in 0...i {
                products[i * count + j] = matrices[i].dot(matrices[j])
                products[j * count + i] = products[i * count + j]
            }
        }
    }

    /// Inner products that are known, `[count · count]`.
    init(_ products: [Double], count: Int) {
        (self.products, self.count) = (products, count)
    }

    /// Adds those of another part of the same vectors.
    mutating func add(_ other: InnerProducts) {
        // A parameter without elements has none.
        if products.isEmpty { return self = other }
        for i in other.products.indices { products[i] += other.products[i] }
    }

    /// `⟨vᵢ, vⱼ⟩`.
    subscript(i: Int, j: Int) -> Double { products[i * count + j] }

    /// `‖vᵢ‖` of every vector.
    var norms: [Double] { (0..<count).map { self[$0, $0].squareRoot() } }

    /// `⟨a, b⟩` of two sums of the vectors, given by their factors.
    func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for i in 0..<count { for j in 0..<count { sum += a[i] * b[j] * self[i, j] } }
        return sum
    }

    /// `⟨vᵢ, a⟩` of a vector and a sum of the vectors.
    func dot(_ i: Int, _ a: [Double]) -> Double {
        (0..<count).reduce(0) { $0 + a[$1] * self[i, $1] }
    }

    /// The length of a sum of the vectors, given by its factors.
    func norm(_ factors: [Double]) -> Double { max(0, dot(factors, factors)).squareRoot() }
}

extension [Tensor] {
    /// `Σₖ factorₖ·vₖ`.
    func sum(by factors: [Double]) -> Tensor {
        precondition(count == factors.count && !isEmpty)
        return zip(self, factors).reduce(into: .zeros([self[0].count])) { sum, pair in
            sum.add(pair.0, times: Float(pair.1))
        }
    }
}
