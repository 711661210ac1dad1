internal import ArgumentParser
internal import Experiments
internal import Foundation
internal import Tensors

struct ForwardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forward",
        abstract: "Run a model and write its outputs, and its gradients.",
        discussion: """
            OUTPUT is a safetensors file of the outputs under their Hugging Face names, in float32; \
            outputs of tokens are padded with zeros. Gradients are the derivatives of the mean \
            entropy of the predictions by every parameter, or with a cotangent of the sum of output \
            times cotangent.

            A CLIP model compares all pictures with all texts; given pictures or texts alone, it \
            runs one tower.

            Examples:
              merganser forward models/bert inputs.safetensors outputs.safetensors
              merganser forward experts/role data/role/test.jsonl logits.safetensors
              merganser forward models/bert texts.csv logits.safetensors --gradients by.safetensors
            """
    )

    @Argument(
        help: "A model's directory, its id in the local cache, or a LoRA adapter.",
        completion: .directory
    )
    var model: String

    @Argument(
        help: """
            Token ids as safetensors (input_ids [N, T], attention_mask, token_type_ids), pictures \
            as safetensors (pixel_values [N, C, H, W]), or texts as JSON Lines, CSV, TSV, or one a \
            line in a .txt file.
            """,
        completion: .file()
    )
    var inputs: String

    @Argument(help: "The safetensors file to write.", completion: .file())
    var output: String

    @Option(
        help: ArgumentHelp("Write the derivatives by every parameter here.", valueName: "file"),
        completion: .file()
    )
    var gradients: String?

    @Option(
        help: ArgumentHelp(
            "One tensor, called as an output: differentiate the sum of output times tensor.",
            valueName: "file"
        ),
        completion: .file()
    )
    var cotangent: String?

    @Option(
        help: ArgumentHelp(
            "The base of an adapter, where it is not the one that the adapter names.",
            valueName: "model"
        ),
        completion: .directory
    )
    var base: String?

    @Option(help: ArgumentHelp("Cut texts to so many tokens.", valueName: "tokens"))
    var maxLength: Int?

    @OptionGroup var fields: FieldOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if cotangent != nil, gradients == nil {
            throw ValidationError("--cotangent says what --gradients are of; give both.")
        }
    }

    func run() throws {
        let workers = global.startComputing()
        let result = try global.observing { observer in
            let model = try RunnableModel(opening: model, base: base)
            let inputs = try ForwardInputs(
                fields.source(inputs, maximumLength: maxLength),
                for: model,
                workers: workers,
                observer: observer
            )
            let pass = ForwardPass(model, on: inputs, workers: workers, observer: observer)
            let file = URL(filePath: output)
            guard let gradients else { return try pass.run(to: file) }
            return try pass.run(
                to: file,
                gradients: URL(filePath: gradients),
                cotangent: cotangent.map { URL(filePath: $0) }
            )
        }
        try global.show(result) { result.text(width: $0) }
    }
}
