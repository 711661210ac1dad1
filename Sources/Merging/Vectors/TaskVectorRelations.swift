public import Tensors

/// How the task vectors of a pool lie to each other: by layer, and as wholes.
public struct TaskVectorRelations: Sendable, Equatable, Encodable {
    /// Two task vectors.
    public struct Pair: Sendable, Equatable, Encodable {
        /// The models that they belong to.
        public let first, second: String
        /// The cosine of the angle between them; `nil` where one is zero.
        public let cosine: Double?
        /// The share of entries that both change, and in different directions.
        public let conflict: Double
        /// The share of entries that both change.
        public let shared: Double
        /// Of the largest entries of both, the share that they have in common: of the fewer where they
        /// are not equally many, because one changes less than that.
        public let overlap: Double?

        enum CodingKeys: String, CodingKey { case first, second, cosine, conflict, shared, overlap }
    }

    /// The task vectors over some parameters.
    public struct Group: Sendable, Equatable, Encodable {
        /// The name of the layer.
        public let name: String
        /// The number of parameters.
        public let parameters: Int
        /// The number of their entries.
        public let entries: Int
        /// The norm of each task vector there.
        public let norms: [Double]
        /// Every pair, that of the first two models first.
        public let pairs: [Pair]
    }

    /// The names of the models.
    public let models: [String]
    /// The share of entries that counts as the largest.
    public let largest: Double
    /// The task vectors as wholes.
    public let overall: Group
    /// The task vectors layer by layer.
    public let groups: [Group]

    /// Compares the task vectors of a pool.
    ///
    /// Which entries are the largest is found by counting, among all and in each layer, so that a block
    /// is read five times: twice for all, and thrice with its layer, when it is at hand. `step` is
    /// called after each layer and may throw to stop.
    ///
    /// - Throws: `MergeError.notFinite` if a model holds NaN or infinity.
    public init(
        of pool: ModelPool,
        named names: [String],
        largest share: Double = 0.2,
        granularity: Granularity = .layer,
        workers: Workers,
        step: () throws -> Void
    ) throws {
        precondition(names.count == pool.experts.count && pool.hasBase)
        let whole = try Self.thresholds(pool, share, workers)
        try step()
        var total = Sums(count: names.count)
        var groups: [Group] = []
        for group in granularity.groups(of: pool.parameters.map(\.name)) {
            let members = Set(group.parameters)
            let part = pool.keeping { members.contains($0.name) }
            let own = try Self.thresholds(part, share, workers)
            let sums = try workers.map(part.parameters.count) { index in
                try Sums(part.parameters[index], own: own, whole: whole)
            }.reduce(into: Sums(count: names.count)) { $0.add($1) }
            total.add(sums)
            groups.append(Group(group.name, sums, names, sums.large))
            try step()
        }
        (models, largest, self.groups) = (names, share, groups)
        overall = Group("all", total, names, total.largeInWhole)
    }

    /// The magnitude from which on an entry of each task vector is one of the largest.
    private static func thresholds(
        _ pool: ModelPool,
        _ share: Double,
        _ workers: Workers
    ) throws -> [Float] {
        let count = pool.parameters.reduce(0) { $0 + $1.count }
        let rank = max(1, Int(share * Double(count)))
        return try MagnitudeThresholds.of(
            ranks: pool.experts.map { _ in [rank] },
            in: pool,
            workers: workers
        ) { try $0.differences(from: $0.base()) }.map { $0[0] }
    }
}

/// What is counted of every pair of task vectors, each with itself among them.
private struct Sums: Sendable {
    private let count: Int
    private(set) var parameters = 0
    private(set) var entries = 0
    private(set) var products: [Double]
    private(set) var agreements: [Agreement]
    /// The entries that are among the largest of both, in this layer and of all.
    private(set) var large, largeInWhole: [Int]

    init(count: Int) {
        self.count = count
        products = Array(repeating: 0, count: count * count)
        agreements = Array(repeating: Agreement(), count: count * count)
        (large, largeInWhole) = (products.map { _ in 0 }, products.map { _ in 0 })
    }

    /// Reads a parameter.
    init(_ parameter: ModelPool.Parameter, own: [Float], whole: [Float]) throws {
        self.init(count: own.count)
        (parameters, entries) = (1, parameter.count)
        for range in Blocks.of(shape: parameter.shape) {
            let block = MergeBlock(parameter: parameter, range: range)
            let vectors = try block.differences(from: block.base())
            for i in 0..<count {
                for j in i..<count {
                    let place = i * count + j
                    products[place] += vectors[i].dot(vectors[j])
                    let found = vectors[i].agreement(with: vectors[j], thresholds: (own[i], own[j]))
                    agreements[place] = agreements[place] + found
                    large[place] += found.large
                    largeInWhole[place] +=
                        vectors[i].agreement(
                            with: vectors[j],
                            thresholds: (whole[i], whole[j])
                        ).large
                }
            }
        }
    }

    mutating func add(_ other: Sums) {
        parameters += other.parameters
        entries += other.entries
        for i in products.indices {
            products[i] += other.products[i]
            agreements[i] = agreements[i] + other.agreements[i]
            large[i] += other.large[i]
            largeInWhole[i] += other.largeInWhole[i]
        }
    }
}

extension TaskVectorRelations.Group {
    fileprivate init(_ name: String, _ sums: Sums, _ models: [String], _ large: [Int]) {
        let count = models.count
        let norms = (0..<count).map { sums.products[$0 * count + $0].squareRoot() }
        (self.name, self.norms) = (name, norms)
        (parameters, entries) = (sums.parameters, sums.entries)
        let all = Double(max(1, sums.entries))
        pairs = (0..<count).flatMap { i in
            (i + 1..<max(count, i + 1)).map { j in
                let (place, length) = (i * count + j, norms[i] * norms[j])
                let fewer = min(large[i * count + i], large[j * count + j])
                return TaskVectorRelations.Pair(
                    first: models[i],
                    second: models[j],
                    cosine: length > 0 ? sums.products[place] / length : nil,
                    conflict: Double(sums.agreements[place].conflicts) / all,
                    shared: Double(sums.agreements[place].shared) / all,
                    overlap: fewer > 0 ? Double(large[place]) / Double(fewer) : nil
                )
            }
        }
    }
}
