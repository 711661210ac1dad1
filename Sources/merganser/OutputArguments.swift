internal import ArgumentParser
internal import Experiments

/// How a model is laid out on disk.
struct OutputArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The most bytes of tensors in a file, such as 500M or 5GB.",
            valueName: "size"
        )
    )
    var shardSize = "5GB"

    @Flag(
        inversion: .prefixedNo,
        help: "Copy the tokenizer; without, a model whose files are incomplete can be written."
    )
    var copyTokenizer = true

    /// The layout.
    var options: OutputOptions {
        var options = OutputOptions()
        options.shardLimit = ShardSize(shardSize)?.bytes ?? options.shardLimit
        options.copiesTokenizer = copyTokenizer
        return options
    }

    func validate() throws {
        guard ShardSize(shardSize) != nil else {
            throw ValidationError(
                "--shard-size is \(shardSize), but must be a number of bytes such as 500M, 5GB or "
                    + "750000000."
            )
        }
    }
}
