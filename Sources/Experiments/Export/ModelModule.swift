internal import Checkpoints
internal import Merging

/// A part of an architecture that recipes may merge by itself: a tower, an encoder, a projector.
struct ModelModule: Equatable, Sendable {
    /// What is known of it, whatever the model.
    let entry: ModuleTable.Entry
    /// What the list of its layers is called; `nil` where the names of its tensors tell none apart.
    let list: String?

    /// What recipes call it.
    var name: String { entry.name }

    /// Whether a tensor outside the layers stands before them.
    static func isFront(_ tensor: String) -> Bool {
        !ModuleTable.isTail(tensor)
            && (ModuleTable.isFront(tensor) || ModelPart(of: tensor) == .front)
    }
}

/// The modules of an architecture, told by its table or by the names of a model's tensors.
struct ModelModules: Sendable {
    /// The modules that a model has tensors of, in the table's order.
    let all: [ModelModule]

    /// The modules of a model with tensors of these names, whose configuration says it is of a family.
    ///
    /// Where the table does not know the family, every list of layers is a module, called as the list
    /// is, and the rest is `default`. A model with one list is one module.
    init(of names: [String], family: String?) {
        let counts = names.layerCounts
        if let family, let entries = ModuleTable.all[family] {
            let owned = Dictionary(grouping: names) { ModuleTable.owner(of: $0, among: entries) }
            let found = entries.enumerated().compactMap { place, entry -> ModelModule? in
                guard let own = owned[place] else { return nil }
                // A short list beside the long one is no stack, but a part of what stands around it.
                let list = own.layerCounts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
                return ModelModule(entry: entry, list: list)
            }
            // An encoder alone may be of the family of one with a decoder.
            if found.count(where: { $0.list != nil }) > 1 {
                all = found
                return
            }
        }
        let stacks = counts.count > 1 ? counts.keys.sorted() : []
        let parts = stacks.map { ModelModule(entry: ModuleTable.entry(ofList: $0), list: $0) }
        let rest = ModelModule(
            entry: ModuleTable.rest,
            list: stacks.isEmpty ? counts.keys.first : nil
        )
        let entries = parts.map(\.entry)
        let hasRest = names.contains { ModuleTable.owner(of: $0, among: entries) == nil }
        all = parts + (hasRest || parts.isEmpty ? [rest] : [])
    }

    /// The module of a name.
    subscript(name: String) -> ModelModule? { all.first { $0.name == name } }

    /// The module that a tensor belongs to.
    func owner(of tensor: String) -> ModelModule? {
        ModuleTable.owner(of: tensor, among: all.map(\.entry)).map { all[$0] }
    }
}

extension ModuleTable {
    /// The place of the entry that a tensor belongs to: the one with the longest beginning of its name.
    fileprivate static func owner(of tensor: String, among entries: [Entry]) -> Int? {
        let lengths = entries.map { entry in
            entry.beginnings.filter { tensor.hasPrefix($0) }.map(\.utf8.count).max()
        }
        return lengths.indices.filter { lengths[$0] != nil }
            .max { (lengths[$0] ?? 0, $1) < (lengths[$1] ?? 0, $0) }
    }
}
