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

    @Flag(help: "Leave out pictures that cannot be decoded, and say how many.")
    var skipBroken = false

    /// Reads a recipe of a merge.
    func recipe(_ path: String, _ global: GlobalOptions) throws -> Recipe {
        var recipe = try Recipe(
            contentsOf: URL(filePath: path),
            overrides: overrides(global),
            methods: MethodSignature.all
        )
        if skipBroken {
            for task in recipe.tasks.indices { recipe.tasks[task].data?.skipBroken = true }
        }
        return recipe
    }

    /// Reads a recipe of an expert.
    func finetuneRecipe(_ path: String, _ global: GlobalOptions) throws -> FinetuneRecipe {
        var recipe = try FinetuneRecipe(
            contentsOf: URL(filePath: path),
            overrides: overrides(global)
        )
        if skipBroken { recipe.task.data.skipBroken = true }
        return recipe
    }

    /// All overrides, that of `--seed` included.
    private func overrides(_ global: GlobalOptions) -> [String] {
        overrides + (global.seed.map { ["seed=\($0)"] } ?? [])
    }
}
