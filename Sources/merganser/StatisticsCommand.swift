internal import ArgumentParser
internal import Experiments
internal import Foundation
internal import Merging

struct StatisticsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statistics",
        abstract: "Collect what merges need to know of private data, in a file to publish.",
        discussion: """
            A file holds no data: Gram matrices (for regmean) are sums of products of the inputs of \
            each linear map, Fisher information (for fisher) squared gradients. Recipes take it as \
            `models: [{model: …, statistics: FILE}]`.

            Examples:
              merganser statistics gram experts/role recipe.yml role.gram.safetensors
              merganser statistics fisher experts/role recipe.yml role.fisher.safetensors
              merganser statistics add part-1.safetensors part-2.safetensors whole.safetensors
            """,
        subcommands: [Gram.self, Fisher.self, Add.self]
    )

    /// What both kinds take.
    struct Arguments: ParsableArguments {
        @Argument(help: "A model of the recipe.", completion: .directory)
        var model: String

        @Argument(help: "The recipe with the model's task.", completion: .file())
        var recipe: String

        @Argument(help: "The safetensors file to write.", completion: .file())
        var output: String

        @Option(help: "The task, where the model answers several.")
        var task: String?

        @Flag(name: .customLong("bfloat16"), help: "Store numbers in bfloat16: half the size.")
        var isHalf = false

        @OptionGroup var changes: RecipeArguments
        @OptionGroup var global: GlobalOptions

        func run(
            _ kind: StatisticsFile.Kind,
            _ change: (inout StatisticsCollection.Options) throws -> Void
        ) throws {
            let workers = global.startComputing()
            let recipe = try changes.recipe(recipe, global)
            var options = StatisticsCollection.Options()
            (options.task, options.isHalf) = (task, isHalf)
            try change(&options)
            let result = try global.observing { observer in
                try StatisticsCollection.run(
                    kind,
                    of: model,
                    with: recipe,
                    to: URL(filePath: output),
                    options,
                    workers: workers,
                    observer: observer
                )
            }
            try global.show(result) { _ in result.sentence }
        }
    }

    struct Gram: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Collect the Gram matrices of the inputs of every linear map.",
            discussion: """
                One tensor for each weight: the upper triangle of XᵀX row by row, summed over all \
                tokens of the task's adapt split but padding.

                Example:
                  merganser statistics gram experts/role recipe.yml role.gram.safetensors
                """
        )

        @Flag(help: "Store whole matrices rather than their upper triangles.")
        var full = false

        @Option(
            help: ArgumentHelp(
                "Memory for the matrices, in GB; the rest comes later.",
                valueName: "GB"
            )
        )
        var memory: Double = 4

        @OptionGroup var arguments: Arguments

        func validate() throws {
            guard memory > 0, memory < 1e6 else {
                throw ValidationError("--memory is \(memory), but must be a number of gigabytes.")
            }
        }

        func run() throws {
            try arguments.run(.gram) {
                ($0.isFull, $0.memory) = (full, Int(memory * 1e9))
            }
        }
    }

    struct Fisher: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Collect the diagonal Fisher information by every parameter.",
            discussion: """
                One tensor for each parameter: the mean over the examples of the task's adapt split \
                of the squared derivatives of the log-likelihood of a label, taken for every label \
                as the model expects it (exact, a backward pass for each), for labels drawn from \
                the model (sampled:k), or for those of the data (empirical). By default exact up to \
                64 classes, and one draw beyond.

                Example:
                  merganser statistics fisher experts/role recipe.yml out.safetensors --labels empirical
                """
        )

        @Option(help: ArgumentHelp("auto, exact, sampled:k or empirical.", valueName: "labels"))
        var labels = "auto"

        @OptionGroup var arguments: Arguments

        func validate() throws {
            guard FisherLabels(labels) != nil else {
                throw ValidationError(
                    "--labels is \(labels), but must be auto, exact, sampled:k or empirical."
                )
            }
        }

        func run() throws {
            try arguments.run(.fisher) { $0.labels = FisherLabels(labels) ?? .exact }
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add up statistics of one model on several parts of its data.",
            discussion: """
                Gram matrices are summed, Fisher information is averaged over all examples.

                Example:
                  merganser statistics add part-1.safetensors part-2.safetensors whole.safetensors
                """
        )

        @Argument(
            help: ArgumentHelp(
                "Files of one kind and model, and last the file to write.",
                valueName: "file> ... <output"
            ),
            completion: .file()
        )
        var files: [String]

        @OptionGroup var global: GlobalOptions

        func validate() throws {
            if files.count < 3 {
                throw ValidationError("add takes at least two files, and then the one to write.")
            }
        }

        func run() throws {
            let result = try StatisticsSum.write(
                files.dropLast().map { URL(filePath: $0) },
                to: URL(filePath: files[files.count - 1])
            )
            try global.show(result) { _ in result.sentence }
        }
    }
}

extension StatisticsCollection.Result {
    fileprivate var sentence: String {
        let megabytes = (Double(bytes) / 1e6).formatted(.number.precision(.fractionLength(1)))
        return "Wrote \(tensors) tensors over \(examples) examples, \(megabytes) MB, to \(file).\n"
    }
}
