extension Tokenizer {
    /// The tokenizer that a CLIP directory without `tokenizer.json` means.
    ///
    /// Radford et al., "Learning transferable visual models from natural language supervision", 2021
    /// (arXiv:2103.00020): lower case, words without white space, byte-level BPE whose tokens say
    /// where a word ends. The vocabulary is that of `vocab.json`, the merges are the lines of
    /// `merges.txt`, which is the file that errors name.
    ///
    /// - Throws: ``TokenizerError`` with the file, the key, what was expected and what was found.
    init(
        vocabulary configuration: Configuration,
        merges: [Substring],
        file: String,
        addedTokens: Configuration?,
        settings: DirectorySettings
    ) throws {
        guard settings.isOfCLIP else {
            throw TokenizerError.unknownVocabulary(
                file: configuration.file,
                tokenizerClass: settings.tokenizerClass
            )
        }
        let vocabulary = try Vocabulary(configuration)
        let beginning = settings.beginningToken ?? "<|startoftext|>"
        let end = settings.endToken ?? "<|endoftext|>"
        let ids = try vocabulary.ids(of: [beginning, end], file: configuration.file)
        let unknown = settings.unknownToken ?? "<|endoftext|>"
        var settings = settings
        settings.paddingToken = settings.paddingToken ?? "<|endoftext|>"
        let names = [beginning, end, unknown, settings.paddingToken].compactMap(\.self)
        let added = try addedTokens.map { try Self.contents(of: $0) } ?? []
        try self.init(
            normalizer: NormalizerSequence([
                NormalizationForm.nfc,
                Replace(pattern: try RegularExpression(#"\s+"#), content: " "),
                Lowercase(),
            ]),
            preTokenizer: PreTokenizerSequence([
                Split(
                    pattern: try RegularExpression(Self.words),
                    behavior: .removed,
                    isInverted: true
                ),
                try ByteLevel(addsPrefixSpace: false, usesPattern: true),
            ]),
            model: BPE(
                vocabulary: vocabulary,
                merges: try Merges(lines: merges, file: file, vocabulary: vocabulary),
                options: BPE.Options(wordSuffix: "</w>", unknownToken: unknown)
            ),
            postProcessor: RobertaProcessing(
                beginning: (beginning, ids[0]),
                end: (end, ids[1])
            ),
            addedTokens: added.map { .init(content: $0, isNormalized: true) }
                + names.map { .special($0) },
            settings: settings
        )
    }

    private static let words =
        #"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#
}
