public import Tensors

/// Turns examples into what a model reads, once, before it reads them many times.
public enum ExampleEncoder: Sendable {
    /// For a model of texts.
    case texts(TextEncoder)
    /// For a model of pictures.
    case pictures(PictureEncoder)

    /// Encodes all examples; `progress` is told of each that is done.
    ///
    /// - Throws: an error that names what cannot be read: all of it, not the first alone.
    public func encode(
        _ examples: UnlabeledExamples,
        workers: Workers = .all,
        progress: @Sendable (Int) -> Void = { _ in }
    ) throws -> EncodedExamples {
        switch self {
        case .texts(let encoder):
            defer { progress(examples.count) }
            return try encoder.encode(examples, workers: workers)
        case .pictures(let encoder):
            return try encoder.encode(examples, workers: workers, progress: progress)
        }
    }
}
