/// Finds the setting of a module by PEFT's rule: the first pattern that fits the module's name, or
/// the end of the name from one of its dots on.
struct ModulePatterns<Value: Sendable & Equatable> {
    private let settings: [(expression: Regex<AnyRegexOutput>, value: Value)]

    /// Compiles the patterns, noting those that are no regular expressions.
    init(
        _ settings: [AdapterConfiguration.Setting<Value>],
        key: String,
        _ faults: inout [AdapterFault]
    ) {
        var compiled: [(expression: Regex<AnyRegexOutput>, value: Value)] = []
        for setting in settings {
            if let expression = try? Regex("(?:.*\\.)?(?:\(setting.pattern))") {
                compiled.append((expression, setting.value))
            } else {
                faults.append(.pattern(key: key, pattern: setting.pattern))
            }
        }
        self.settings = compiled
    }

    /// The value for a module, if any pattern fits.
    subscript(module: String) -> Value? {
        settings.first { (try? $0.expression.wholeMatch(in: module)) != nil }?.value
    }
}
