import Foundation
import Images
import Testing

/// What a `preprocessor_config.json` may say, and what is said of one that may not.
struct ProcessorConfigurationTests {
    @Test(
        arguments: [
            (#"{"image_processor_type": "ViTImageProcessor"}"#, nil, [224, 224]),
            (#"{"image_processor_type": "ViTImageProcessorFast"}"#, nil, [224, 224]),
            (#"{"image_processor_type": "ViTFeatureExtractor", "size": 384}"#, nil, [384, 384]),
            (#"{"feature_extractor_type": "ViTFeatureExtractor", "size": [3, 5]}"#, nil, [3, 5]),
            (#"{"image_processor_type": "CLIPImageProcessor"}"#, nil, [224, 224]),
            (#"{"image_processor_type": "CLIPImageProcessor", "size": 9}"#, nil, [224, 224]),
            (#"{"feature_extractor_type": "CLIPFeatureExtractor", "crop_size": 8}"#, nil, [8, 8]),
            (#"{"image_processor_type": "DeiTImageProcessor", "size": 9}"#, nil, [224, 224]),
            (
                #"{"image_processor_type": "DeiTImageProcessor", "do_center_crop": false}"#, nil,
                [256, 256]
            ),
            (#"{"image_processor_type": "BitImageProcessor"}"#, nil, [224, 224]),
            (#"{"image_processor_type": "SiglipImageProcessor"}"#, nil, [224, 224]),
            (#"{"image_processor_type": null, "size": 32}"#, "vit", [32, 32]),
            (#"{"size": {"height": 4, "width": 6}, "crop_size": null}"#, "deit", [224, 224]),
            (#"{"do_resize": false, "crop_size": {"height": 2, "width": 3}}"#, "dinov2", [2, 3]),
            (#"{"image_mean": 0.5, "image_std": 1, "do_pad": false}"#, "vit", [224, 224]),
        ] as [(String, String?, [Int])]
    )
    func `forms of all years are read`(file: String, modelType: String?, size: [Int]) throws {
        let processor = try ImageProcessor(configuration: Data(file.utf8), modelType: modelType)
        let found = try #require(processor.outputSize)
        #expect([found.height, found.width] == size)
    }

    private static let sizes = """
        an integer, or an object of "height" and "width" or of "shortest_edge", each from 1 to 8192
        """

    static let broken: [(String, String)] = [
        ("", " is not a JSON object (it does not parse); copy it again from the model's page."),
        (
            "[]",
            " is not a JSON object (it holds something else); copy it again from the model's page."
        ),
        (
            "{}",
            """
             has no image_processor_type, and the model's type is not known either; add one of \
            BitImageProcessor, CLIPImageProcessor, DeiTImageProcessor, SiglipImageProcessor, \
            ViTImageProcessor.
            """
        ),
        (
            #"{"image_processor_type": "SamImageProcessor"}"#,
            """
            : image_processor_type is "SamImageProcessor", which is not supported; known are \
            BitImageProcessor, CLIPImageProcessor, DeiTImageProcessor, SiglipImageProcessor, \
            ViTImageProcessor.
            """
        ),
        (
            #"{"feature_extractor_type": 3}"#,
            ": feature_extractor_type should be a string, found 3."
        ),
        (clip(#""size": "big""#), #": size should be \#(sizes), found "big"."#),
        (clip(#""size": 0"#), ": size should be \(sizes), found 0."),
        (clip(#""size": 1.5"#), ": size should be \(sizes), found 1.5."),
        (clip(#""size": -3"#), ": size should be \(sizes), found -3."),
        (clip(#""size": 1e300"#), ": size should be \(sizes), found 1e+300."),
        (clip(#""size": true"#), ": size should be \(sizes), found true."),
        (clip(#""size": [1, 2, 3]"#), ": size should be \(sizes), found a list of 3."),
        (
            clip(#""size": {"shortest_edge": 5, "longest_edge": 9}"#),
            #": size should be \#(sizes), found {"longest_edge": 9, "shortest_edge": 5}."#
        ),
        (clip(#""size": {"height": 5}"#), #": size should be \#(sizes), found {"height": 5}."#),
        (
            clip(#""crop_size": {"shortest_edge": 5}"#),
            """
            : crop_size should be an integer or an object of "height" and "width", found \
            "shortest_edge".
            """
        ),
        (
            #"{"image_processor_type": "ViTImageProcessor", "do_center_crop": true}"#,
            #" has no crop_size: expected an integer or an object of "height" and "width"."#
        ),
        (
            clip(#""resample": 6"#),
            """
            : resample should be one of Pillow's filters 0 (nearest), 1 (lanczos), 2 (bilinear), \
            3 (bicubic), 4 (box), 5 (hamming), found 6.
            """
        ),
        (clip(#""do_resize": 1"#), ": do_resize should be true or false, found 1."),
        (clip(#""do_normalize": "no""#), #": do_normalize should be true or false, found "no"."#),
        (clip(#""do_pad": true"#), ": do_pad should be false or absent, found true."),
        (clip(#""rescale_factor": "x""#), #": rescale_factor should be a number, found "x"."#),
        (clip(#""rescale_factor": 1e39"#), ": rescale_factor should be a number, found 1e+39."),
        (
            clip(#""image_mean": [1, 2]"#),
            ": image_mean should be a list of 3 numbers, found a list of 2."
        ),
        (
            clip(#""image_mean": [1, 2, "3"]"#),
            ": image_mean should be a list of 3 numbers, found a list of 3."
        ),
        (clip(#""image_std": [1, 0, 1]"#), ": image_std should be other than 0, found 0.0."),
    ]

    private static func clip(_ member: String) -> String {
        #"{"image_processor_type": "CLIPImageProcessor", \#(member)}"#
    }

    @Test(arguments: broken)
    func `a broken part is named with its key`(file: String, complaint: String) {
        #expect { try ImageProcessor(configuration: Data(file.utf8)) } throws: { error in
            "\(error)" == "preprocessor_config.json\(complaint)"
        }
    }

    @Test func `nesting without end is refused`() {
        let file = String(repeating: "[", count: 100_000)
        #expect(throws: ProcessorError.self) { try ImageProcessor(configuration: Data(file.utf8)) }
    }
}
