internal import Checkpoints
internal import Merging

extension SourceModels {
    /// Throws if one of the models is a task vector of another base.
    func checkVectors() throws {
        guard let base = template.checkpoint else { return }
        try all.check(against: base, named: template.reference.title)
    }
}

extension [SourceModel] {
    /// Throws if one of the models is a task vector of another base than this.
    func check(against base: Checkpoint, named name: String) throws {
        let vectors = compactMap(\.vector)
        guard !vectors.isEmpty else { return }
        let found = try ContentHash.of(base.files)
        for vector in vectors { try vector.check(base: found, named: name) }
    }
}
