internal import Checkpoints
public import Foundation
internal import Tensors

/// A task vector, `τ = θ_expert − θ₀`, in a file to share: what fine-tuning changed, without the base.
///
/// safetensors. A parameter is stored densely under its own name; as the product `scale · B·A` under
/// its name with `.b` and `.a` behind it; or as the entries that are not zero, under `.values`, with
/// `.places` inside runs of 65,536 elements and `.starts`, the entries before each run. The metadata
/// say of which base and expert, and `parameters`, JSON, how each is stored and how far that is from
/// the truth. What is not named there is as the base has it.
public struct TaskVectorFile: Sendable {
    /// How a parameter is stored.
    public enum Layout: String, Sendable, Codable {
        /// Every entry.
        case dense
        /// The entries that are not zero, with their places.
        case sparse
        /// Two factors.
        case lowRank = "low_rank"
        /// Nothing, because no entry was large enough.
        case zero
    }

    /// What a file says of a parameter.
    public struct Parameter: Sendable, Codable, Equatable {
        /// The length of each dimension.
        public let shape: [Int]
        /// How it is stored.
        public let layout: Layout
        /// The factor of `B·A`, for two factors.
        public let scale: Double?
        /// `‖stored − τ‖ / ‖τ‖` of this parameter.
        public let relativeError: Double

        enum CodingKeys: String, CodingKey {
            case shape, layout, scale
            case relativeError = "relative_error"
        }
    }

    /// What a file says of how it was made.
    public struct Provenance: Sendable, Equatable {
        /// The SHA-256 of the base's weights.
        public var base: String
        /// The SHA-256 of the expert's weights.
        public var expert: String
        /// What the base is called.
        public var baseName: String
        /// What the expert is called.
        public var expertName: String
        /// The version of the program that made it.
        public var version: String

        /// How a file was made.
        public init(
            base: String,
            expert: String,
            baseName: String,
            expertName: String,
            version: String
        ) {
            (self.base, self.expert) = (base, expert)
            (self.baseName, self.expertName) = (baseName, expertName)
            self.version = version
        }
    }

    /// The word under `kind` in the metadata.
    static let kind = "task_vector"

    /// The file.
    public let url: URL
    /// Of which models, and how.
    public let provenance: Provenance
    /// How it was to be stored, such as `sparse, density 0.05`.
    public let layout: String
    /// `‖stored − τ‖ / ‖τ‖` of the whole vector.
    public let relativeError: Double
    /// `‖τ‖` of the whole vector, before anything was left out.
    public let norm: Double
    /// What is said of each parameter.
    public let parameters: [String: Parameter]
    private let checkpoint: Checkpoint

    /// Opens a file; its numbers are read when they are asked for.
    ///
    /// - Throws: `TaskVectorError` with everything that is missing or wrong.
    public init(contentsOf url: URL) throws {
        let checkpoint = try Checkpoint(at: url)
        let metadata = checkpoint.metadata
        guard metadata["kind"] == Self.kind else {
            throw TaskVectorError.notAVector(file: url.path, kind: metadata["kind"])
        }
        var faults = [
            "kind", "base", "expert", "layout", "relative_error", "norm", "parameters",
        ].filter { metadata[$0] == nil }.map { "its metadata have no \($0)" }
        func number(_ key: String) -> Double {
            guard let text = metadata[key] else { return 0 }
            if let number = Double(text), number.isFinite, number >= 0 { return number }
            faults.append("its \(key) is \(text.prefix(40)), which is no size")
            return 0
        }
        (relativeError, norm) = (number("relative_error"), number("norm"))
        let table = try? JSONDecoder().decode(
            [String: Parameter].self,
            from: Data((metadata["parameters"] ?? "{}").utf8)
        )
        if table == nil { faults.append("its parameters are not the JSON that they should be") }
        parameters = table ?? [:]
        var known: Set<String> = []
        for (name, parameter) in parameters.sorted(by: { $0.key < $1.key }) {
            known.formUnion(parameter.layout.tensors(of: name))
            if let fault = parameter.fault(name, checkpoint) { faults.append(fault) }
        }
        if table != nil {
            faults += checkpoint.names.filter { !known.contains($0) }.map {
                "no parameter has the tensor \($0)"
            }
        }
        guard faults.isEmpty else {
            throw TaskVectorError.damaged(file: url.path, reason: faults.summary)
        }
        (self.url, self.checkpoint) = (url, checkpoint)
        layout = metadata["layout"] ?? ""
        provenance = Provenance(
            base: metadata["base"] ?? "",
            expert: metadata["expert"] ?? "",
            baseName: metadata["base_name"] ?? "",
            expertName: metadata["expert_name"] ?? "",
            version: metadata["version"] ?? ""
        )
    }

    /// The names of the parameters that it changes.
    public var names: [String] { parameters.keys.sorted() }

    /// Throws unless the weights with this SHA-256 are the base that it was taken from.
    public func check(base found: String, named name: String) throws {
        guard found == provenance.base else {
            throw TaskVectorError.otherBase(
                file: url.path,
                base: provenance.baseName,
                expected: provenance.base,
                other: name,
                found: found
            )
        }
    }

    /// The shape of a parameter.
    func shape(of name: String) -> [Int]? { parameters[name]?.shape }

    /// A parameter as it is stored; `nil` where there is nothing to add.
    func form(of name: String) throws -> WeightChange.Form? {
        guard let parameter = parameters[name] else { return nil }
        func view(_ suffix: String) throws -> TensorView { try checkpoint.view(name + suffix) }
        switch parameter.layout {
        case .zero: return nil
        case .dense: return .dense(try view(""))
        case .sparse:
            let entries = try SparseEntries(
                of: parameter.shape.reduce(1, *),
                starts: view(".starts"),
                places: view(".places"),
                values: view(".values")
            )
            return .sparse(entries)
        case .lowRank:
            let factors = LowRankFactors(
                a: try view(".a").finiteTensor(),
                b: try view(".b").finiteTensor(),
                scale: Float(parameter.scale ?? 1)
            )
            return .lowRank(factors)
        }
    }
}

extension TaskVectorFile.Layout {
    /// The names of the tensors that hold a parameter.
    func tensors(of name: String) -> [String] {
        switch self {
        case .dense: [name]
        case .sparse: [name + ".starts", name + ".places", name + ".values"]
        case .lowRank: [name + ".a", name + ".b"]
        case .zero: []
        }
    }
}

extension TaskVectorFile.Parameter {
    /// What is wrong with the tensors of a parameter, by their headers.
    fileprivate func fault(_ name: String, _ checkpoint: Checkpoint) -> String? {
        guard DType.float64.byteCount(of: shape) != nil, relativeError.isFinite else {
            return "\(name) cannot have the shape \(shape.prefix(8))"
        }
        let views = layout.tensors(of: name).compactMap { checkpoint[$0] }
        guard views.count == layout.tensors(of: name).count else {
            return "\(name) is \(layout.rawValue) and lacks tensors"
        }
        switch layout {
        case .zero: return nil
        case .dense:
            let isSound = views[0].shape == shape && views[0].isFloatingPoint
            return isSound ? nil : "\(name) has another shape than \(shape), or no numbers"
        case .sparse:
            let count = shape.reduce(1, *)
            do {
                _ = try SparseEntries(
                    of: count,
                    starts: views[0],
                    places: views[1],
                    values: views[2]
                )
                return nil
            } catch {
                return "\(name) has entries that do not fit its shape \(shape) or each other"
            }
        case .lowRank:
            let (a, b) = (views[0], views[1])
            let isSound =
                shape.count == 2 && a.shape.count == 2 && b.shape.count == 2
                && a.shape[0] == b.shape[1] && a.shape[0] > 0
                && a.shape[1] == shape[1] && b.shape[0] == shape[0]
                && a.isFloatingPoint && b.isFloatingPoint && Float(scale ?? 1).isFinite
            return isSound ? nil : "the factors of \(name) do not fit its shape \(shape)"
        }
    }
}

extension [String] {
    /// The first of them as one clause, and how many more there are.
    fileprivate var summary: String {
        prefix(5).joined(separator: "; ") + (count > 5 ? "; and \(count - 5) more" : "")
    }
}
