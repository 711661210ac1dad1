/// How a task vector is to be stored.
public enum TaskVectorLayout: Sendable, Equatable {
    /// Every entry.
    case dense
    /// The largest entries of the whole vector, this share of them.
    case sparse(density: Double)
    /// Matrices as two factors of this rank at most, where that is less than the matrix.
    case lowRank(rank: Int)
}

extension TaskVectorLayout: CustomStringConvertible {
    /// As the metadata of a file say it.
    public var description: String {
        switch self {
        case .dense: "dense"
        case .sparse(let density): "sparse, density \(density)"
        case .lowRank(let rank): "low_rank, rank \(rank)"
        }
    }
}
