internal import ArgumentParser
internal import Checkpoints
internal import Experiments
internal import Foundation
internal import Merging
internal import Presentation

struct VectorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vector",
        abstract: "Extract, apply and compare task vectors: what fine-tuning changed.",
        discussion: """
            A file holds an expert minus its base, dense, sparse or of low rank, with the error that \
            this makes. It can be published without the base, added to it again, and named as \
            `model:` in any recipe beside it.

            Examples:
              merganser vector extract models/base experts/role role.safetensors
              merganser vector apply models/base role.safetensors merged --scale 0.5
              merganser vector compare models/base experts/role role.safetensors
            """,
        subcommands: [Extract.self, Apply.self, Compare.self]
    )

    struct Extract: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write an expert minus its base to a file.",
            discussion: """
                By default every entry is kept, in float32. --sparse keeps the largest entries of the \
                whole model; --rank two factors of each matrix, by its leading singular vectors. \
                The factors of a LoRA adapter of that rank or less are kept as they are, exactly. \
                The file says the error that remains.

                Examples:
                  merganser vector extract models/base experts/role role.safetensors
                  merganser vector extract models/base experts/role role.safetensors --sparse 0.05
                  merganser vector extract models/base adapters/role role.safetensors --rank 16
                """
        )

        @Argument(help: "The model that the expert was fine-tuned from.", completion: .directory)
        var base: String

        @Argument(help: "The expert: a model, or a LoRA adapter.", completion: .directory)
        var expert: String

        @Argument(help: "The safetensors file to write.", completion: .file())
        var output: String

        @Option(
            help: ArgumentHelp("Keep this share of the entries, the largest.", valueName: "density")
        )
        var sparse: Double?

        @Option(help: ArgumentHelp("Keep matrices as factors of this rank.", valueName: "rank"))
        var rank: Int?

        @Option(help: ArgumentHelp("float32 or bfloat16.", valueName: "dtype"))
        var dtype = "float32"

        @OptionGroup var global: GlobalOptions

        func validate() throws {
            if sparse != nil, rank != nil {
                throw ValidationError("--sparse and --rank exclude each other; choose one.")
            }
            if let sparse, !(sparse > 0 && sparse <= 1) {
                throw ValidationError(
                    "--sparse is \(sparse), but must be a share above 0 and up to 1, such as 0.1."
                )
            }
            if let rank, !(1...65_536).contains(rank) {
                throw ValidationError("--rank is \(rank), but must be 1 or more, such as 16.")
            }
            guard [.float32, .bfloat16].contains(DType(named: dtype)) else {
                throw ValidationError("--dtype is \(dtype), but must be float32 or bfloat16.")
            }
        }

        func run() throws {
            let workers = global.startComputing()
            let layout =
                sparse.map(TaskVectorLayout.sparse) ?? rank.map(TaskVectorLayout.lowRank) ?? .dense
            let result = try global.observing { observer in
                try VectorExtraction.run(
                    base: base,
                    expert: expert,
                    as: layout,
                    isHalf: DType(named: dtype) == .bfloat16,
                    to: URL(filePath: output),
                    workers: workers,
                    observer: observer
                )
            }
            try global.show(result) { _ in result.sentence }
        }
    }

    struct Apply: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add task vectors to the model that they were taken from.",
            discussion: """
                Writes MODEL + scale · VECTOR + … as a Hugging Face model directory. A negative scale \
                takes away what the vector adds. A vector of another base is refused.

                Examples:
                  merganser vector apply models/base role.safetensors merged
                  merganser vector apply models/base a.safetensors b.safetensors merged --scale 0.4
                  merganser vector apply models/base a.safetensors b.safetensors merged \
                --scale 0.7 --scale -0.3
                """
        )

        @Argument(
            help: ArgumentHelp(
                "The model, one vector or several, and last the directory to write.",
                valueName: "model> <vector> ... <output"
            ),
            completion: .file()
        )
        var paths: [String]

        @Option(
            parsing: .unconditionalSingleValue,
            help: ArgumentHelp(
                "The factor of every vector, or of one after the other.",
                valueName: "factor"
            )
        )
        var scale: [Double] = []

        @OptionGroup var layout: OutputArguments
        @OptionGroup var global: GlobalOptions

        func validate() throws {
            guard paths.count >= 3 else {
                throw ValidationError("apply takes a model, at least one vector, and an output.")
            }
            let vectors = paths.count - 2
            guard scale.count <= 1 || scale.count == vectors else {
                throw ValidationError(
                    "--scale is given \(scale.count) times for \(vectors) vectors; give it once, or "
                        + "once for each."
                )
            }
            guard scale.allSatisfy(\.isFinite) else {
                throw ValidationError("--scale must be a finite number, such as 0.5 or -1.")
            }
        }

        func run() throws {
            let workers = global.startComputing()
            let written = try global.observing { observer in
                try VectorApplication.run(
                    paths[0],
                    adding: paths[1..<paths.count - 1].map { URL(filePath: $0) },
                    scales: scale.isEmpty ? [1] : scale,
                    to: URL(filePath: paths[paths.count - 1]),
                    layout.options,
                    workers: workers,
                    command: CommandLine.arguments,
                    observer: observer
                )
            }
            try global.show(WrittenSummary(written)) { _ in WrittenSummary(written).sentence }
        }
    }

    struct Compare: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare the task vectors of several models.",
            discussion: """
                Prints, for all parameters and layer by layer, the norm of each task vector and of \
                each pair the cosine, the share of entries that both change in different directions, \
                and the overlap of the largest 20 %. Models are checkpoints, adapters, or files of \
                vectors. --output draws one of these as a heat map.

                Examples:
                  merganser vector compare models/base experts/role experts/section
                  merganser vector compare models/base a.safetensors adapters/b --output map.svg
                """
        )

        @Argument(
            help: ArgumentHelp(
                "The base, and two or more models.",
                valueName: "base> <model> <model> ..."
            ),
            completion: .file()
        )
        var paths: [String]

        @Option(
            help: ArgumentHelp("Draw a heat map into this SVG file.", valueName: "file"),
            completion: .file()
        )
        var output: String?

        @Option(help: ArgumentHelp("What to draw: cosine, conflict or overlap.", valueName: "name"))
        var measure = "cosine"

        @Option(
            help: ArgumentHelp("Rows: layer, module or tensor; task for none.", valueName: "name")
        )
        var by = "layer"

        @OptionGroup var global: GlobalOptions

        func validate() throws {
            guard paths.count >= 3 else {
                throw ValidationError("compare takes a base and at least two models.")
            }
            guard VectorMeasure(rawValue: measure) != nil else {
                throw ValidationError(
                    "--measure is \(measure), but must be cosine, conflict or overlap."
                )
            }
            guard Granularity(rawValue: by) != nil else {
                throw ValidationError("--by is \(by), but must be task, layer, module or tensor.")
            }
            if let output, URL(filePath: output).pathExtension.lowercased() != "svg" {
                throw ValidationError(
                    "--output is \(output), but heat maps are SVG; name a file such as map.svg."
                )
            }
        }

        func run() throws {
            let workers = global.startComputing()
            let relations = try global.observing { observer in
                try VectorComparison.run(
                    base: paths[0],
                    models: Array(paths.dropFirst()),
                    granularity: Granularity(rawValue: by) ?? .layer,
                    workers: workers,
                    observer: observer
                )
            }
            if let output {
                let drawing = relations.drawing(of: VectorMeasure(rawValue: measure) ?? .cosine)
                try AtomicFile.write(drawing, to: URL(filePath: output))
            }
            try global.show(relations) { relations.text(width: $0) }
        }
    }
}

extension VectorExtraction.Result {
    fileprivate var sentence: String {
        "Wrote \(NumberText.grouped(stored)) numbers for \(NumberText.grouped(entries)) entries, "
            + "\(NumberText.bytes(bytes)), relative error \(NumberText.error(relativeError)), "
            + "to \(file).\n"
    }
}
