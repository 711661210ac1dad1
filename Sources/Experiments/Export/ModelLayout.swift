internal import Checkpoints
internal import FoundationEssentials
internal import Merging
internal import OrderedCollections

/// What the directory of a learned merge holds, and under which names.
struct ModelLayout: Sendable {
    /// The tensors, merged or as they are stored.
    let tensors: [OutputTensor]
    /// The configuration of the model class.
    let configuration: Data?
    /// Where the configuration comes from.
    let directory: URL
    /// The format of numbers that the configuration has to name; `nil` to leave what it names.
    let type: ElementType?
    /// The file of the head that stands in the place of an expert's classifier.
    let headFile: URL?
    /// The tokenizer and whatever else belongs to the model.
    let companions: Companions
}

extension ModelLayout {
    /// The base, with its own names and configuration.
    init(base: ModelDirectory, merged blocks: MergedBlocks) throws {
        let checkpoint = try base.checkpoint()
        let views = try checkpoint.names.map { (key: $0, value: try checkpoint.view($0)) }
        self.init(
            tensors: [OutputTensor](views, merged: blocks),
            configuration: base.configuration,
            directory: base.url,
            type: nil,
            headFile: nil,
            companions: base.companions
        )
    }

    /// The model that answers a task: the merged encoder with the expert's names, configuration and
    /// classifier, or what stands in its place.
    init(expert: TaskExpert, base: ModelDirectory, merged blocks: MergedBlocks) throws {
        let own = try ModelDirectory(expert.directory)
        let holder = own.companions.holdVocabulary ? own : base
        self.init(
            tensors: expert.member.lowRank == nil
                ? Self.tensors(ofDense: expert, merged: blocks)
                : try Self.tensors(ofAdapter: expert, base: base.checkpoint(), merged: blocks),
            configuration: expert.savedConfiguration,
            directory: expert.directory,
            type: blocks.elementType,
            headFile: expert.classifierFile,
            // A classifier with an encoder's modules beside it would be taken for that encoder.
            companions: holder.companions.leavingOut(.sentenceModules)
        )
    }

    /// Every tensor of a fine-tuned model; those of its encoder are merged.
    private static func tensors(
        ofDense expert: TaskExpert,
        merged blocks: MergedBlocks
    ) -> [OutputTensor] {
        let weights = expert.member.weights
        let places = NameMatching(
            wanted: blocks.parameters.map(\.name),
            available: Array(weights.keys)
        ).matches
        var merged: [String: ModelPool.Parameter] = [:]
        for parameter in blocks.parameters {
            if let place = places[parameter.name] { merged[place] = parameter }
        }
        return weights.filter { $0.key != expert.borrowed }.map { name, view in
            merged[name].map { OutputTensor(name, merged: $0, in: blocks) }
                ?? own(name, view, of: expert)
        }
    }

    /// A tensor that the expert keeps, or what stands in the place of its classifier.
    private static func own(
        _ name: String,
        _ view: TensorView,
        of expert: TaskExpert
    ) -> OutputTensor {
        expert.classifier[name].map { OutputTensor(name, $0, as: view.dtype) }
            ?? OutputTensor(name, stored: view)
    }

    /// The base's tensors by the names that the adapter has for them, and what the adapter replaces
    /// as a whole: its head.
    private static func tensors(
        ofAdapter expert: TaskExpert,
        base: Checkpoint,
        merged blocks: MergedBlocks
    ) throws -> [OutputTensor] {
        let merged = blocks.parameters.reduce(into: [:]) { $0[$1.name] = $1 }
        let replaced = expert.member.weights
        let places = NameMatching(wanted: base.names, available: Array(replaced.keys)).matches
        let names = Array(replaced.keys) + (expert.member.lowRank ?? [:]).keys.sorted()
        let prefix = prefix(of: names, over: base.names)
        let kept = try base.names.compactMap { name -> OutputTensor? in
            if let parameter = merged[name] {
                return OutputTensor(prefix + name, merged: parameter, in: blocks)
            }
            return places[name] == nil
                ? OutputTensor(prefix + name, stored: try base.view(name)) : nil
        }
        let taken = Set(merged.keys.compactMap { places[$0] })
        let head = replaced.filter { !taken.contains($0.key) }
        return kept + head.map { own($0.key, $0.value, of: expert) }
    }

    /// What an adapter of a classifier puts before the names that its bare base has.
    private static func prefix(of names: [String], over base: [String]) -> String {
        for (name, place) in NameMatching(wanted: base, available: names).matches
        where place != name && place.hasSuffix("." + name) {
            return String(place.dropLast(name.count))
        }
        return ""
    }
}

extension MergedBlocks {
    /// The format that all merged parameters are stored in, if it is one that a configuration names.
    var elementType: ElementType? { ElementType(common: parameters.map(dtype(of:))) }
}

extension ElementType {
    /// The format that all of these are, if it is one, and one that a recipe can name.
    init?(common formats: [DType]) {
        guard let first = formats.first, formats.allSatisfy({ $0 == first }) else { return nil }
        guard let type = ElementType.allCases.first(where: { DType($0) == first }) else {
            return nil
        }
        self = type
    }
}
