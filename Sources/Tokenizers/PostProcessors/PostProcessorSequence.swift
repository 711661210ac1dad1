/// Corrects offsets into the text, which no encoding here has: nothing is left to do.
struct ByteLevelProcessing: PostProcessor {
    init(_ configuration: Configuration) throws {
        _ = try configuration.boolean("trim_offsets")
    }

    func specialTokens(isPair: Bool) -> Int {
        0
    }

    func process(_ texts: [Encoding], addSpecialTokens: Bool) -> [Encoding] {
        texts
    }
}

/// Several post-processors, of which one adds tokens.
struct PostProcessorSequence: PostProcessor {
    private let processor: (any PostProcessor)?

    init(_ configuration: Configuration) throws {
        let list = try configuration.required("processors", expected: "a list")
        let processors = try list.elements().map { try PostProcessors.all.component($0) }
            .filter { !($0 is ByteLevelProcessing) }
        // What a second one makes of the first one's tokens the reference leaves to chance.
        guard processors.count < 2 else {
            throw list.unexpected(expected: "a list of at most one besides ByteLevel")
        }
        processor = processors.first
    }

    func specialTokens(isPair: Bool) -> Int {
        processor?.specialTokens(isPair: isPair) ?? 0
    }

    func process(_ texts: [Encoding], addSpecialTokens: Bool) -> [Encoding] {
        processor?.process(texts, addSpecialTokens: addSpecialTokens) ?? texts
    }
}
