internal import ArgumentParser
internal import Experiments
internal import Foundation

/// A recipe with what the command line changes in it.
struct RecipeArguments: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Override a key of the recipe, such as parameters.steps=100; as often as needed.",
            valueName: "key.path=value"
        )
    )
    var overrides: [String] = []

    /// Reads a recipe of a merge.
    func recipe(_ path: String, _ global: GlobalOptions) throws -> Recipe {
        try Recipe(
            contentsOf: URL(filePath: path),
            overrides: overrides(global),
            methods: MethodSignature.all
        )
    }

    /// All overrides, that of `--seed` included.
    func overrides(_ global: GlobalOptions) -> [String] {
        overrides + (global.seed.map { ["seed=\($0)"] } ?? [])
    }
}
