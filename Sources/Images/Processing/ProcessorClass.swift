/// An image processor of transformers, with its own values for keys that a file leaves out.
struct ProcessorClass: Sendable {
    /// The name up to `ImageProcessor`, as in `CLIPImageProcessor`.
    let name: String
    /// The `model_type` of the models whose older files name no class.
    let modelTypes: [String]
    let resample: ResamplingFilter
    let size: TargetSize
    /// Whether an integer `size` is the shorter edge; otherwise it is both.
    let integerIsShortestEdge: Bool
    /// What is cut out of the middle, unless the file says that nothing is.
    let crop: TargetSize?
    let mean: [Double]
    let deviation: [Double]
}

extension ProcessorClass {
    static let all: [ProcessorClass] = [
        ProcessorClass(
            name: "Bit",
            modelTypes: ["dinov2", "dinov2_with_registers"],
            resample: .bicubic,
            size: .shortestEdge(224),
            integerIsShortestEdge: true,
            crop: .exactly(height: 224, width: 224),
            mean: clipMean,
            deviation: clipDeviation
        ),
        ProcessorClass(
            name: "CLIP",
            modelTypes: ["clip", "clip_vision_model"],
            resample: .bicubic,
            size: .shortestEdge(224),
            integerIsShortestEdge: true,
            crop: .exactly(height: 224, width: 224),
            mean: clipMean,
            deviation: clipDeviation
        ),
        ProcessorClass(
            name: "DeiT",
            modelTypes: ["deit"],
            resample: .bicubic,
            size: .exactly(height: 256, width: 256),
            integerIsShortestEdge: false,
            crop: .exactly(height: 224, width: 224),
            mean: half,
            deviation: half
        ),
        ProcessorClass(
            name: "Siglip",
            modelTypes: ["siglip", "siglip_vision_model"],
            resample: .bicubic,
            size: .exactly(height: 224, width: 224),
            integerIsShortestEdge: true,
            crop: nil,
            mean: half,
            deviation: half
        ),
        ProcessorClass(
            name: "ViT",
            modelTypes: ["vit"],
            resample: .bilinear,
            size: .exactly(height: 224, width: 224),
            integerIsShortestEdge: false,
            crop: nil,
            mean: half,
            deviation: half
        ),
    ]

    private static let half = [0.5, 0.5, 0.5]
    private static let clipMean = [0.48145466, 0.4578275, 0.40821073]
    private static let clipDeviation = [0.26862954, 0.26130258, 0.27577711]

    /// The endings that the name of one processor has had over the years.
    private static let endings = ["ImageProcessor", "ImageProcessorFast", "FeatureExtractor"]

    private static var known: [String] { all.map { $0.name + "ImageProcessor" } }

    /// The class that a file names or, where it names none, that of the model's type.
    static func named(
        in configuration: ProcessorConfiguration,
        modelType: String?
    ) throws(ProcessorError) -> ProcessorClass {
        for key in ["image_processor_type", "feature_extractor_type"] {
            guard let found = try configuration.string(key) else { continue }
            let match = all.first { candidate in
                endings.contains { candidate.name + $0 == found }
            }
            guard let match else { throw .unknownClass(key: key, found: found, known: known) }
            return match
        }
        let match = all.first { candidate in
            modelType.map { candidate.modelTypes.contains($0) } ?? false
        }
        guard let match else { throw .noClass(modelType: modelType, known: known) }
        return match
    }
}
