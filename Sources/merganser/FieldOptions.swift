internal import ArgumentParser
internal import Foundation
internal import Tasks

/// How the texts of a file of inputs are found.
struct FieldOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The field of the text (default: text).", valueName: "field"))
    var text: String?

    @Option(
        help: ArgumentHelp("The field of the second text (default: text_pair).", valueName: "field")
    )
    var textPair: String?

    @Option(
        help: ArgumentHelp(
            """
            The format, where the name does not say it: jsonl, csv, tsv, text, safetensors, idx or \
            imagefolder.
            """,
            valueName: "name"
        )
    )
    var format: String?

    @Flag(help: "Leave out pictures that cannot be decoded, and say how many.")
    var skipBroken = false

    /// The inputs at a path.
    func source(_ path: String, maximumLength: Int? = nil) -> DataSource {
        DataSource(
            path: URL(filePath: path),
            format: format,
            text: text,
            textPair: textPair,
            maximumLength: maximumLength,
            skipsBroken: skipBroken
        )
    }
}
