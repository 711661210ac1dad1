internal import ArgumentParser
internal import Experiments
internal import Tensors

@main
struct Merganser: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merganser",
        abstract: "Learns how to merge fine-tuned transformers from unlabeled data.",
        discussion: """
            Reads Hugging Face checkpoints and writes Hugging Face checkpoints; needs no Python, no \
            GPU and no network. Every command takes its input first and its output last.
            """,
        version: Version.current,
        subcommands: [
            LearnCommand.self,
            ExportCommand.self,
            MergeCommand.self,
            EvaluateCommand.self,
            StatisticsCommand.self,
            VectorCommand.self,
            PlanCommand.self,
            FinetuneCommand.self,
            AblateCommand.self,
            ReportCommand.self,
            ForwardCommand.self,
            EncodeCommand.self,
            MethodsCommand.self,
            InspectCommand.self,
        ]
    )

    static func main() {
        ScratchMemory.keep()
        Interruption.install()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            Failure(error).exit()
        }
    }
}
