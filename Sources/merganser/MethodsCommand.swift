internal import ArgumentParser
internal import Experiments
internal import Merging

struct MethodsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "methods",
        abstract: "List the merge methods, or show one.",
        discussion: """
            Examples:
              merganser methods                 what there is by category, and what it needs
              merganser methods ties            equation, options, source and a recipe of one
              merganser methods --json          the same, for programs
            """
    )

    @Argument(help: "The method to show; without it, all are listed.")
    var name: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
        if let name {
            let card = try MethodDescription(named: name)
            try global.show(card) { card.text(width: $0) }
        } else {
            let all = MergeMethods.all.map(MethodDescription.init)
            try global.show(all) { MethodDescription.list(of: all, width: $0) }
        }
    }
}
