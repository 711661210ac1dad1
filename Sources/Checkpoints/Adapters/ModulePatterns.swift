/// Finds the setting of a module by PEFT's rule: that of the first pattern that fits.
struct ModulePatterns<Value: Sendable & Equatable> {
    private let settings: [(pattern: ModulePattern, value: Value)]

    /// Compiles the patterns, noting those that cannot be.
    init(
        _ settings: [AdapterConfiguration.Setting<Value>],
        key: String,
        _ faults: inout [AdapterFault]
    ) {
        var compiled: [(pattern: ModulePattern, value: Value)] = []
        // A small file can ask for many large programs.
        var instructions = 0
        for setting in settings {
            if instructions < 1_000_000, let pattern = ModulePattern(setting.pattern) {
                instructions += pattern.program.count
                compiled.append((pattern, setting.value))
            } else {
                faults.append(.pattern(key: key, pattern: setting.pattern))
            }
        }
        self.settings = compiled
    }

    /// The value for a module, if any pattern fits.
    subscript(module: String) -> Value? {
        settings.first { $0.pattern.matches(module) }?.value
    }
}
