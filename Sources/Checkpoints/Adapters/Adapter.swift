public import FoundationEssentials

/// A LoRA adapter in PEFT's layout: low-rank updates of a base model, and parameters that replace
/// those of the base model.
public struct Adapter: Sendable {
    /// The update of one weight: W + scale · B A, transposed where the weight is stored so.
    public struct LowRank: Sendable {
        /// [rank, in]; for an embedding [rank, rows].
        public let a: TensorView
        /// [out, rank]; for an embedding [columns, rank].
        public let b: TensorView
        /// α/r or α/√r.
        public let scale: Float
        /// Whether (B A)ᵀ is added: for embeddings, and for layers that are stored [in, out].
        public let isTransposed: Bool

        /// The number of rows of A and columns of B.
        public var rank: Int { a.shape[0] }

        /// The shape of the weight that the update belongs to.
        public var weightShape: [Int] {
            let (rows, columns) = (b.shape[0], a.shape[1])
            return isTransposed ? [columns, rows] : [rows, columns]
        }
    }

    /// The adapter's settings.
    public let configuration: AdapterConfiguration
    /// The names of the weights that have an update, in the order of the file.
    public let updatedNames: [String]
    /// The update of each weight, by the name of the weight in the base model.
    public let lowRank: [String: LowRank]
    /// Parameters that take the place of the base model's: heads, biases, whole embeddings.
    public let replaced: [String: TensorView]

    /// Opens a directory with `adapter_config.json` and `adapter_model.safetensors`.
    public init(at directory: URL) throws(CheckpointError) {
        configuration = try AdapterConfiguration(
            readingFrom: directory.appending(path: "adapter_config.json")
        )
        let url = directory.appending(path: "adapter_model.safetensors")
        guard FileManager.default.fileExists(atPath: url.path) else {
            let pickled = directory.appending(path: "adapter_model.bin")
            let exists = FileManager.default.fileExists(atPath: pickled.path)
            throw .noAdapter(directory: directory.path, found: exists ? ["adapter_model.bin"] : [])
        }
        var parts = AdapterParts()
        for view in try Shard(url).views { parts.add(view) }
        if !parts.unsupported.isEmpty {
            throw .unsupportedAdapter(file: url.path, parts.unsupported)
        }
        lowRank = parts.updates(configuration)
        updatedNames = parts.modules.map { $0 + ".weight" }.filter { [lowRank] in lowRank[$0] != nil
        }
        replaced = parts.replaced
        if lowRank.isEmpty, replaced.isEmpty { parts.faults.append(.empty) }
        if !parts.faults.isEmpty { throw .invalidAdapter(file: url.path, parts.faults) }
    }
}

/// The tensors of an adapter, sorted by what they are.
private struct AdapterParts {
    private struct Pair {
        var a: TensorView?
        var b: TensorView?
        var isEmbedding: Bool
    }

    private(set) var modules: [String] = []
    private(set) var replaced: [String: TensorView] = [:]
    private(set) var unsupported: [String] = []
    var faults: [AdapterFault] = []
    private var pairs: [String: Pair] = [:]

    mutating func add(_ view: TensorView) {
        switch AdapterTensorName(view.name) {
        case .linear(let module, let isA): add(view, to: module, isA: isA, isEmbedding: false)
        case .embedding(let module, let isA): add(view, to: module, isA: isA, isEmbedding: true)
        case .replaced(let name):
            if replaced.updateValue(view, forKey: name) != nil {
                faults.append(.duplicate(name: name))
            }
        case .original: break
        case .unsupported(let name): unsupported.append("the tensor \(quoted(name))")
        }
    }

    private mutating func add(
        _ view: TensorView,
        to module: String,
        isA: Bool,
        isEmbedding: Bool
    ) {
        if pairs[module] == nil { modules.append(module) }
        var pair = pairs[module] ?? Pair(isEmbedding: isEmbedding)
        let isTaken = (isA ? pair.a : pair.b) != nil || pair.isEmbedding != isEmbedding
        if isTaken { faults.append(.duplicate(name: module)) }
        if isA { pair.a = view } else { pair.b = view }
        pairs[module] = pair
    }

    /// The updates that are sound; the others are noted.
    mutating func updates(_ configuration: AdapterConfiguration) -> [String: Adapter.LowRank] {
        let ranks = ModulePatterns(configuration.rankPattern, key: "rank_pattern", &faults)
        let alphas = ModulePatterns(configuration.alphaPattern, key: "alpha_pattern", &faults)
        var updates: [String: Adapter.LowRank] = [:]
        for module in modules {
            guard let pair = pairs[module] else { continue }
            guard let a = pair.a, let b = pair.b else {
                let missing = pair.a == nil ? "matrix A" : "matrix B"
                faults.append(.noPartner(module: module, missing: missing))
                continue
            }
            guard a.shape.count == 2, b.shape.count == 2, a.shape[0] == b.shape[1] else {
                faults.append(.shape(module: module, a: a.shape, b: b.shape))
                continue
            }
            let (found, rank) = (a.shape[0], ranks[module] ?? configuration.rank)
            if found != rank {
                faults.append(.rank(module: module, configured: rank, found: found))
                continue
            }
            let alpha = alphas[module] ?? configuration.alpha
            updates[module + ".weight"] = Adapter.LowRank(
                a: a,
                b: b,
                scale: Float(configuration.scale(alpha: alpha, rank: rank)),
                isTransposed: pair.isEmbedding || configuration.isFanInFanOut
            )
        }
        return updates
    }
}
