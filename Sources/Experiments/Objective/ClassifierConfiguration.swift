internal import Checkpoints
internal import Foundation
internal import Transformers

/// The configuration of a classifier that was put onto a bare encoder.
enum ClassifierConfiguration {
    /// The configuration of the model that an adapter was trained in.
    ///
    /// PEFT keeps none beside the adapter: then it is the base's, with the class that the family
    /// uses to classify and as many labels as the adapter's head has rows.
    static func of(
        adapter: Adapter,
        in directory: ModelDirectory,
        base: ModelDirectory
    ) throws -> Data {
        if let own = directory.configuration { return own }
        guard let json = base.configuration else {
            throw ExperimentError.noConfiguration(base.url.path)
        }
        let architecture = try Architectures.of(configuration: json)
        guard let name = architecture.classifier, let classifier = Architectures.named(name) else {
            return json
        }
        guard
            let head = adapter.replaced.first(where: {
                classifier.isHead($0.key) && $0.value.shape.count == 2
            })
        else { throw ExperimentError.noHead(directory.url.path) }
        return try of(
            base: json,
            class: name,
            labels: (0..<head.value.shape[0]).map { "LABEL_\($0)" }
        )
    }

    /// The base's configuration for a classifier of the given labels.
    static func of(base json: Data, class name: String, labels: [String]) throws -> Data {
        guard var keys = try JSONSerialization.jsonObject(with: json) as? [String: Any] else {
            throw ConfigurationError.unreadable("it holds something else")
        }
        keys["architectures"] = [name]
        keys["id2label"] = Dictionary(
            uniqueKeysWithValues: labels.enumerated().map { (String($0), $1) }
        )
        keys["label2id"] = Dictionary(labels.enumerated().map { ($1, $0) }) { first, _ in first }
        return try JSONSerialization.data(
            withJSONObject: keys,
            options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        )
    }
}
