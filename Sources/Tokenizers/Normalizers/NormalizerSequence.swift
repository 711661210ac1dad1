/// Several normalizers, one after the other.
struct NormalizerSequence: Normalizer {
    let normalizers: [any Normalizer]

    init(_ configuration: Configuration) throws {
        normalizers = try configuration.required("normalizers", expected: "a list")
            .elements().map { try Normalizers.all.component($0) }
    }

    init(_ normalizers: [any Normalizer]) {
        self.normalizers = normalizers
    }

    func normalize(_ text: String) throws -> String {
        try normalizers.reduce(text) { text, normalizer in try normalizer.normalize(text) }
    }
}
