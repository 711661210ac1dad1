internal import Tensors

/// What several architectures ask of their configurations.
extension ModelConfiguration {
    /// Throws unless a size is positive and small enough that products of sizes cannot overflow.
    func require(_ key: String, _ value: Int, atLeast least: Int = 1) throws {
        guard (least...1 << 24).contains(value) else {
            throw ConfigurationError.outOfRange(
                key: key,
                found: String(value),
                expected: "a whole number between \(least) and \(1 << 24)"
            )
        }
    }

    /// Throws unless the width can be shared out among the heads.
    func require(heads: Int, dividing width: Int) throws {
        try require("num_attention_heads", heads)
        guard width % heads == 0 else {
            throw ConfigurationError.outOfRange(
                key: "num_attention_heads",
                found: String(heads),
                expected: "a divisor of hidden_size (\(width))"
            )
        }
    }

    /// Throws unless pictures of this size hold a patch.
    func requirePictures(_ key: String, _ size: Int, patch: Int, channels: Int) throws {
        try require("num_channels", channels)
        try require("patch_size", patch)
        try require(key, size)
        guard size >= patch else {
            throw ConfigurationError.outOfRange(
                key: key,
                found: String(size),
                expected: "no less than patch_size (\(patch))"
            )
        }
    }

    /// The activation that a key names.
    func activation(_ key: String, _ name: String) throws -> Activation {
        guard let activation = Activation(named: name) else {
            throw ConfigurationError.outOfRange(
                key: key,
                found: name,
                expected: "one of " + Activation.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
        return activation
    }

    /// The number of a classifier's labels.
    func labels(_ names: [String: String]) throws -> Int {
        try require("the number of labels", names.count)
        return names.count
    }
}
