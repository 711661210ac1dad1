/// Why a model cannot read an input.
public enum ModelInputError: Error, Equatable, CustomStringConvertible {
    /// A text model was given something else.
    case expectsTokens
    /// A model of pictures was given something else.
    case expectsPictures
    /// Pictures have other channels than the model reads, or are smaller than a patch.
    case pictureShape(found: [Int], channels: Int, patchSize: Int)

    /// One sentence.
    public var description: String {
        switch self {
        case .expectsTokens: "This model reads texts (input_ids); the input holds something else."
        case .expectsPictures:
            "This model reads pictures (pixel_values); the input holds something else."
        case .pictureShape(let found, let channels, let patchSize):
            "This model reads pixel_values of the shape [pictures, \(channels), height, width] "
                + "with a height and width of \(patchSize) at least, but the input has \(found); "
                + "prepare the pictures with this model's preprocessor_config.json."
        }
    }
}
