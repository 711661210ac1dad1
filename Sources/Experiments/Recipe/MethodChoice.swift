/// Another method that a recipe calls upon, with options of its own.
public struct MethodChoice: Equatable, Sendable {
    /// The method, which learns nothing itself.
    public var method: String
    /// Its options, with its defaults.
    public var parameters: [String: Setting]

    /// A method with options.
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
    /// The merge around which coefficients are learned, as in `{method: regmean, alpha: 0.9}`.
    func start(among methods: [String: MethodSignature]) -> MethodChoice? {
        choice(among: methods, "a method that learns nothing itself") { signature in
            signature.learning == nil ? signature : nil
        }
    }

    /// The method that prepares task vectors, as in `{method: ties, density: 0.2}`.
    func taskVectors(among methods: [String: MethodSignature]) -> MethodChoice? {
        let names = methods.filter { $0.value.vectorOptions != nil }.keys.sorted()
        return choice(
            among: methods,
            "a method that prepares task vectors: \(names.joined(separator: ", "))",
            \.ofVectors
        )
    }

    /// A method with its options beside it.
    private func choice(
        among methods: [String: MethodSignature],
        _ expected: String,
        _ usable: (MethodSignature) -> MethodSignature?
    ) -> MethodChoice? {
        guard let map = map("a map with `method`"), let named = map.required("method"),
            let method = named.method(among: methods), let signature = methods[method]
        else { return nil }
        guard let signature = usable(signature) else {
            named.mismatch(expected)
            return nil
        }
        let options = OptionReader(signature: signature)
        let settings = options.completed(options.unfinished(map))
        map.finish()
        return MethodChoice(method, parameters: settings)
    }
}

extension Recipe {
    /// The merge that this recipe learns around; `nil` where it begins at the base.
    var start: Recipe? {
        guard var recipe = learning?.start.map(asking) else { return nil }
        // What is learned around it is computed in float32, too.
        recipe.outDtype = .float32
        return recipe
    }

    /// The same recipe for another method.
    func asking(_ choice: MethodChoice) -> Recipe {
        var recipe = self
        (recipe.mergeMethod, recipe.parameters) = (choice.method, choice.parameters)
        recipe.learning = nil
        return recipe
    }
}
