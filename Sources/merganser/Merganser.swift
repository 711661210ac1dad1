import ArgumentParser

@main
struct Merganser: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Learns how to merge fine-tuned transformers from unlabeled data."
    )
}
