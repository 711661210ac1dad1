public import Foundation

/// Turns pictures into what a vision model reads, as a `preprocessor_config.json` says.
///
/// The steps are those of transformers' processors on Pillow: resize, cut out the middle, scale the
/// 8-bit samples, subtract the mean and divide by the deviation of each channel.
///
/// ```swift
/// let processor = try ImageProcessor(configuration: Data(contentsOf: file))
/// let pixelValues = try processor(Picture(contentsOf: photo))  // [3, 224, 224]
/// ```
public struct ImageProcessor: Sendable {
    let resize: (size: TargetSize, filter: ResamplingFilter)?
    let crop: (height: Int, width: Int)?
    /// The value of each of the 256 samples, channel after channel.
    let values: [Float]
    let limits: PictureLimits

    /// Reads a `preprocessor_config.json`, old or new.
    ///
    /// - Parameters:
    ///   - data: The file's contents.
    ///   - modelType: The `model_type` of the model's `config.json`, which decides where the file
    ///     names no class, as some old ones do not.
    ///   - limits: What resizing may ask for.
    /// - Throws: `ProcessorError`, which names the key and what it should be.
    public init(
        configuration data: Data,
        modelType: String? = nil,
        limits: PictureLimits = PictureLimits()
    ) throws(ProcessorError) {
        let configuration = try ProcessorConfiguration(data)
        let kind = try ProcessorClass.named(in: configuration, modelType: modelType)
        if try configuration.boolean("do_pad") ?? false {
            throw .unexpected(key: "do_pad", expected: "false or absent", found: "true")
        }
        self.limits = limits
        resize = try configuration.resize(kind)
        crop = try configuration.crop(kind)
        values = try configuration.values(kind)
    }

    /// The height and width of all results, or `nil` where they depend on the picture.
    public var outputSize: (height: Int, width: Int)? { crop ?? resize?.size.fixed }
}

extension ProcessorConfiguration {
    fileprivate func resize(
        _ kind: ProcessorClass
    ) throws(ProcessorError) -> (size: TargetSize, filter: ResamplingFilter)? {
        guard try boolean("do_resize") ?? true else { return nil }
        let size = try size("size", integerIsShortestEdge: kind.integerIsShortestEdge)
        return (size ?? kind.size, try filter("resample") ?? kind.resample)
    }

    fileprivate func crop(
        _ kind: ProcessorClass
    ) throws(ProcessorError) -> (height: Int, width: Int)? {
        guard try boolean("do_center_crop") ?? (kind.crop != nil) else { return nil }
        let size = try size("crop_size", integerIsShortestEdge: false) ?? kind.crop
        let expected = "an integer or an object of \"height\" and \"width\""
        guard let size else { throw .missing(key: "crop_size", expected: expected) }
        guard let fixed = size.fixed else {
            throw .unexpected(key: "crop_size", expected: expected, found: "\"shortest_edge\"")
        }
        return fixed
    }

    /// What becomes of every sample, in the steps and roundings of transformers.
    fileprivate func values(_ kind: ProcessorClass) throws(ProcessorError) -> [Float] {
        let rescales = try boolean("do_rescale") ?? true
        let normalizes = try boolean("do_normalize") ?? true
        let scale = rescales ? try number("rescale_factor") ?? 1 / 255 : 1
        let mean = try channels("image_mean") ?? kind.mean
        let deviation = try channels("image_std") ?? kind.deviation
        if normalizes, let zero = deviation.first(where: { Float($0) == 0 }) {
            throw .unexpected(key: "image_std", expected: "other than 0", found: "\(zero)")
        }
        var values: [Float] = []
        for (mean, deviation) in zip(mean, deviation) {
            for sample in 0..<256 {
                let scaled = Float(Double(sample) * scale)
                values.append(normalizes ? (scaled - Float(mean)) / Float(deviation) : scaled)
            }
        }
        return values
    }
}
