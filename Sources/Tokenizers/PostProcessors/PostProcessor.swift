/// Adds what a model wants around its texts: special tokens and segments.
protocol PostProcessor: Sendable {
    /// The number of special tokens around one text, or around a pair.
    func specialTokens(isPair: Bool) -> Int

    /// What is to be joined in place of one text, or of a pair.
    func process(_ texts: [Encoding], addSpecialTokens: Bool) -> [Encoding]
}

/// The post-processors by the `type` they have in `tokenizer.json`.
enum PostProcessors {
    static let all: ComponentTable<any PostProcessor> = [
        "BertProcessing": BertProcessing.init,
        "ByteLevel": ByteLevelProcessing.init,
        "RobertaProcessing": RobertaProcessing.init,
        "Sequence": PostProcessorSequence.init,
        "TemplateProcessing": TemplateProcessing.init,
    ]
}
