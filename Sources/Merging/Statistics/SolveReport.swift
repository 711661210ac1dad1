internal import Synchronization
public import Tensors

/// How the equations of a merge were solved, parameter by parameter; filled while it is computed.
public final class SolveReport: Sendable {
    /// One parameter's equations.
    public struct Entry: Sendable, Equatable {
        /// The parameter.
        public let parameter: String
        /// The condition number of what was solved.
        public let condition: Double
        /// How it was solved.
        public let method: NormalEquations.Method
        /// The ridge that was asked for.
        let asked: Double
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let remarks = Mutex<[String]>([])

    /// A report on nothing yet.
    public init() {}

    func note(_ solution: NormalEquations.Solution, of parameter: String, ridge: Double) {
        let entry = Entry(
            parameter: parameter,
            condition: solution.condition,
            method: solution.method,
            asked: ridge
        )
        entries.withLock { $0[parameter] = entry }
    }

    /// Adds a sentence on how the merge came about.
    public func add(_ remark: String) { remarks.withLock { $0.append(remark) } }

    /// The entries, the worst conditioned first.
    public var all: [Entry] {
        entries.withLock {
            $0.values.sorted { ($0.condition, $1.parameter) > ($1.condition, $0.parameter) }
        }
    }
}

extension SolveReport {
    /// What a model card says of it.
    public var lines: [String] {
        let (all, remarks) = (all, remarks.withLock { $0 })
        guard let worst = all.first else { return remarks }
        let count = all.count { $0.fallback != nil }
        let rest = count == 0 ? "" : " \(count) of them could not be solved as they are."
        return remarks + [
            "\(all.count) systems of equations were solved; the largest condition number is "
                + "\(Self.rounded(worst.condition)), that of \(worst.parameter).\(rest)"
        ]
    }

    /// A number to two digits, such as 2.7e+03.
    private static func rounded(_ number: Double) -> String {
        guard number.isFinite, number > 0 else { return "\(number)" }
        var (mantissa, exponent) = (number, 0)
        while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        return "\((mantissa * 10).rounded() / 10)e\(exponent)"
    }
}

extension SolveReport.Entry {
    /// In words, how equations were solved that could not be solved as they were.
    public var fallback: String? {
        switch method {
        case .cholesky(let ridge) where ridge == asked: nil
        default: method.words
        }
    }
}

extension NormalEquations.Method {
    /// In words, where it is not the way that was asked for.
    public var words: String {
        switch self {
        case .cholesky(let ridge): ridge > 0 ? "Cholesky with a ridge of \(ridge)" : "Cholesky"
        case .pseudoinverse(let dropped):
            "the pseudoinverse, without \(dropped) directions that no input has"
        }
    }
}
