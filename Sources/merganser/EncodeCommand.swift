internal import ArgumentParser
internal import Experiments
internal import Foundation
internal import Tensors
internal import Tokenizers

struct EncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Turn texts or pictures into what a model reads.",
        discussion: """
            OUTPUT is a safetensors file of input_ids, attention_mask and token_type_ids [N, T], \
            padded to the longest text unless told otherwise; or - for a line of JSON with ids and \
            tokens for every text. Texts are cut only where --max-length, --truncation or --stride \
            asks for it. Pictures become pixel_values [N, 3, H, W], in the order of their names, as \
            the model's preprocessor_config.json says.

            Examples:
              merganser encode models/bert texts.jsonl -
              merganser encode models/bert pairs.csv ids.safetensors --max-length 128
              merganser encode models/bert long.txt ids.safetensors --max-length 256 --stride 32
              merganser encode models/vit photos pixels.safetensors --skip-broken
            """
    )

    @Argument(
        help: """
            A directory that holds tokenizer.json or an older vocabulary, or for pictures \
            preprocessor_config.json; a model's will do.
            """,
        completion: .directory
    )
    var model: String

    @Argument(
        help: """
            Texts as JSON Lines, CSV or TSV (text, text_pair), or one a line in a .txt file; or \
            pictures: a PNG or JPEG file, a folder of them, or IDX.
            """,
        completion: .file()
    )
    var inputs: String

    @Argument(help: "The safetensors file to write, or - for lines of JSON.", completion: .file())
    var output: String

    @Flag(help: "Leave out the special tokens of the post-processor.")
    var noSpecial = false

    @Option(
        help: ArgumentHelp(
            "The most tokens of a row, special ones among them (default: what the model reads).",
            valueName: "tokens"
        )
    )
    var maxLength: Int?

    @Option(help: ArgumentHelp("Which text loses tokens.", valueName: "strategy"))
    var truncation: EncodingRequest.Truncating?

    @Option(
        help: ArgumentHelp(
            "Keep what is cut off in rows of their own, each of which repeats so many tokens.",
            valueName: "tokens"
        )
    )
    var stride: Int?

    @Option(
        help: ArgumentHelp(
            "How rows are made equally long: none, longest, max_length, or a number.",
            valueName: "padding"
        )
    )
    var padding: EncodingRequest.Filling?

    @Option(help: ArgumentHelp("Make the padded length a multiple of this.", valueName: "n"))
    var padToMultipleOf: Int?

    @Option(help: ArgumentHelp("The side that loses tokens.", valueName: "side"))
    var truncationSide: Side?

    @Option(help: ArgumentHelp("The side that is padded.", valueName: "side"))
    var paddingSide: Side?

    @Option(
        help: ArgumentHelp("The token type of padding (default: the tokenizer's).", valueName: "id")
    )
    var padTypeId: Int32?

    @OptionGroup var fields: FieldOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        // No model reads more; a slip of the finger must not fill the disk with padding.
        let lengths = 1...1 << 20
        var asked = [("--max-length", maxLength), ("--pad-to-multiple-of", padToMultipleOf)]
        if case .fixed(let length) = padding { asked.append(("--padding", length)) }
        for case (let name, let number?) in asked where !lengths.contains(number) {
            throw ValidationError(
                "\(name) is \(number), but must be between 1 and \(lengths.upperBound)."
            )
        }
        if let padTypeId, padTypeId < 0 {
            throw ValidationError("--pad-type-id is \(padTypeId), but must be at least 0.")
        }
        if let stride, stride < 0 {
            throw ValidationError("--stride is \(stride), but must be at least 0.")
        }
        if stride != nil, truncation == EncodingRequest.Truncating.none {
            throw ValidationError("--stride keeps what --truncation none does not cut off.")
        }
    }

    func run() throws {
        let workers = global.startComputing()
        let pictures = try global.observing { observer in
            try PictureEncoding(
                fields.source(inputs),
                model: model,
                workers: workers,
                observer: observer
            ).map { encoding in
                guard output != "-" else { throw EncodingError.pixelsAsText }
                return try encoding.write(to: URL(filePath: output))
            }
        }
        if let pictures { return try global.show(pictures) { _ in pictures.text } }
        try encodeTexts(workers)
    }

    private func encodeTexts(_ workers: Workers) throws {
        let tokenizer = try Tokenizer(opening: model)
        let summary = try global.observing { observer in
            let encoding = TextEncoding(
                try TextInputs(fields.source(inputs)),
                with: tokenizer,
                as: request,
                workers: workers,
                observer: observer
            )
            return output == "-"
                ? try encoding.forEachLine { print($0, terminator: "") }
                : try encoding.write(to: URL(filePath: output))
        }
        if let sentence = summary.warning(for: tokenizer), !global.quiet {
            StandardError.tell(sentence)
        }
        if output != "-" { try global.show(summary) { _ in summary.text } }
    }

    private var request: EncodingRequest {
        var request = EncodingRequest()
        request.addsSpecialTokens = !noSpecial
        request.maximumLength = maxLength
        request.truncation = truncation
        request.stride = stride
        request.truncationSide = truncationSide
        request.padding = padding
        request.multiple = padToMultipleOf
        request.paddingSide = paddingSide
        request.paddingType = padTypeId
        return request
    }
}
