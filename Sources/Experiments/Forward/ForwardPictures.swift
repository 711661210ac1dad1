internal import Checkpoints
internal import Foundation
internal import Tasks
internal import Tensors
internal import Transformers

/// Pictures as a model reads them: `pixel_values` `[pictures, channels, height, width]` in
/// safetensors, read a few at a time.
struct ForwardPictures: Sendable {
    private let view: TensorView
    /// The number of tokens that the model makes of each picture.
    let tokens: Int
    /// Whether the file has texts that the pictures are compared with.
    let haveTexts: Bool

    /// Finds the pictures of a file; `nil` where the model should read the file as texts.
    init?(_ source: DataSource, for model: RunnableModel) throws {
        let format = source.format ?? source.path.pathExtension
        guard format.lowercased() == "safetensors" else { return nil }
        let file = try Checkpoint(at: source.path)
        guard let view = file["pixel_values"] else { return nil }
        haveTexts = file["input_ids"] != nil
        let shape = try model.architecture.pictures(configuration: model.configuration)
        guard let shape else {
            guard haveTexts else { throw ModelInputError.expectsTokens }
            return nil
        }
        guard view.shape.count == 4, view.shape.dropFirst().allSatisfy({ $0 > 0 }) else {
            throw DataError.tensor(
                source.path.path,
                name: view.name,
                expected: "a tensor [pictures, channels, height, width]",
                found: "\(view.shape.prefix(8))"
            )
        }
        self.view = view
        tokens = shape.tokens(height: view.shape[2], width: view.shape[3])
    }

    /// The number of pictures.
    var count: Int { view.shape[0] }

    /// The pictures at ascending positions.
    func pixels(_ positions: [Int]) throws -> Tensor {
        let (first, size) = (positions.first ?? 0, view.shape.dropFirst().reduce(1, *))
        // A piece is a range of pictures, so it is read at once.
        precondition(positions == Array(first..<first + positions.count), "pictures in a row")
        return try view.tensor(of: first * size..<(first + positions.count) * size)
            .reshaped([positions.count] + view.shape.dropFirst())
    }

    /// Cuts a portion into ranges of about as many tokens as a micro-batch of texts has.
    func pieces(of portion: Range<Int>) -> [[Int]] {
        let size = max(1, 512 / max(tokens, 1))
        return stride(from: portion.lowerBound, to: portion.upperBound, by: size).map {
            Array($0..<min($0 + size, portion.upperBound))
        }
    }
}
