/// The merge around which coefficients are learned: `θ = θₛ + Σₖ λₖ·(θₖ − θₛ)`.
public struct LearningStart: Equatable, Sendable {
    /// The method that gives `θₛ`, which learns nothing itself.
    public var method: String
    /// Its options, with its defaults.
    public var parameters: [String: Setting]

    /// A start by a method.
    public init(_ method: String, parameters: [String: Setting] = [:]) {
        (self.method, self.parameters) = (method, parameters)
    }

    var document: DocumentValue {
        .map(
            [("method", DocumentValue.text(method))]
                + parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value.document) }
        )
    }
}

extension ValueReader {
    /// A method with its options beside it, as in `{method: regmean, alpha: 0.9}`.
    func start(among methods: [String: MethodSignature]) -> LearningStart? {
        guard let map = map("a map with `method`"), let named = map.required("method"),
            let method = named.method(among: methods)
        else { return nil }
        guard methods[method]?.learning == nil else {
            named.mismatch("a method that learns nothing itself")
            return nil
        }
        let options = OptionReader(signature: methods[method])
        let settings = options.completed(options.unfinished(map))
        map.finish()
        return LearningStart(method, parameters: settings)
    }
}

extension Recipe {
    /// The merge that this recipe learns around; `nil` where it begins at the base.
    var start: Recipe? {
        guard let start = learning?.start else { return nil }
        var recipe = self
        (recipe.mergeMethod, recipe.parameters) = (start.method, start.parameters)
        recipe.learning = nil
        // What is learned around it is computed in float32, too.
        recipe.outDtype = .float32
        return recipe
    }
}
