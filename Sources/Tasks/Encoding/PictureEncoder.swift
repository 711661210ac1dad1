internal import FoundationEssentials
public import Images
public import Tensors
public import Transformers

/// Turns pictures into what a model reads: decoded, resized and cut as its processor says.
///
/// Every file is decoded at once, so that all that are broken are found before anything is learned.
public struct PictureEncoder: Sendable {
    private let processor: ImageProcessor?
    private let shape: PictureShape?
    private let skipsBroken: Bool

    /// An encoder for a model.
    ///
    /// - Parameters:
    ///   - processor: what pictures are prepared with; `nil` suffices for pixel values.
    ///   - shape: the pictures that the model reads; `nil` where it is not known.
    ///   - skipsBroken: whether pictures that cannot be decoded are left out.
    public init(_ processor: ImageProcessor?, for shape: PictureShape?, skipsBroken: Bool = false) {
        (self.processor, self.shape, self.skipsBroken) = (processor, shape, skipsBroken)
    }

    /// The tokens that the model makes of a picture, as far as is known without looking at one.
    public var usualLength: Int {
        guard let shape else { return 1 }
        let size = processor?.outputSize ?? (shape.size, shape.size)
        return shape.tokens(height: size.height, width: size.width)
    }

    /// Prepares all pictures.
    ///
    /// - Throws: ``DataError`` with every picture that cannot be read, unless these are left out.
    public func encode(
        _ examples: UnlabeledExamples,
        workers: Workers,
        progress: @Sendable (Int) -> Void = { _ in }
    ) throws -> EncodedExamples {
        let results = try workers.map(examples.count) { index in
            defer { progress(1) }
            return try prepare(examples.inputs[index], of: examples)
        }
        var (sources, lengths): ([PreparedPictures.Source], [Int]) = ([], [])
        var (skipped, reasons): ([Int], [String]) = ([], [])
        var bytes = 0
        for (index, result) in results.enumerated() {
            switch result {
            case .failure(let fault):
                skipped.append(index)
                if reasons.count < LineFaults.limit { reasons.append(fault.reason) }
            case .success(let (source, height, width)):
                lengths.append(shape?.tokens(height: height, width: width) ?? 1)
                bytes += 3 * height * width
                guard case .pictureFile(let path) = examples.inputs[index],
                    bytes > PreparedPictures.cacheLimit
                else {
                    sources.append(source)
                    continue
                }
                sources.append(.file(path))
            }
        }
        guard skipped.isEmpty || skipsBroken && !sources.isEmpty else {
            throw DataError.pictures(reasons, count: skipped.count)
        }
        return EncodedExamples(
            pictures: PreparedPictures(sources: sources, processor: processor, lengths: lengths),
            skipped: skipped
        )
    }

    private struct Fault: Error { let reason: String }

    private func prepare(
        _ example: Example,
        of examples: UnlabeledExamples
    ) throws -> Result<(PreparedPictures.Source, height: Int, width: Int), Fault> {
        let picture: Picture
        switch example {
        case .pixels(let row):
            if let shape, row.shape[0] != shape.channels {
                throw ModelInputError.pictureShape(
                    found: row.shape,
                    channels: shape.channels,
                    patchSize: shape.patchSize
                )
            }
            return .success((.values(row), row.shape[1], row.shape[2]))
        case .samples(let grid): picture = grid.picture
        case .pictureFile(let path):
            do { picture = try Picture(contentsOf: URL(filePath: path)) } catch {
                return .failure(Fault(reason: "\(error)"))
            }
        case .text, .tokens:
            throw DataError.otherKind(examples.selection.file, expected: "pictures")
        }
        guard let processor else { throw DataError.noImageProcessor(examples.selection.file) }
        let cropped = try processor.cropped(picture)
        return .success((.prepared(cropped), cropped.height, cropped.width))
    }
}
