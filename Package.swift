// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// A module of ours: every one is built with the same strict settings.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of a module, which see it and whatever it is built on.
func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.init(stringLiteral: name), "TestSupport"] + dependencies,
        swiftSettings: settings
    )
}

let package = Package(
    name: "Merganser",
    products: [
        .executable(name: "merganser", targets: ["merganser"]),
        .library(
            name: "Merganser",
            targets: [
                "Tensors", "Autograd", "Checkpoints", "Transformers", "Tokenizers", "Merging",
                "Tasks", "Experiments", "Images", "Presentation",
            ]
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        .systemLibrary(
            name: "COpenBLAS",
            pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev"])]
        ),
        .systemLibrary(
            name: "CLAPACKE",
            pkgConfig: "lapacke",
            providers: [.apt(["liblapacke-dev"])]
        ),
        .systemLibrary(
            name: "COpenSSL",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "CPCRE2",
            pkgConfig: "libpcre2-8",
            providers: [.apt(["libpcre2-dev"])]
        ),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CKernels"),
        .target(name: "CImages", dependencies: ["CJPEG", "CPNG"]),

        // How results look, whatever they are results of.
        module("Presentation", []),
        module("Tensors", ["CLAPACKE", "COpenBLAS", "CKernels"]),
        module("Autograd", ["Tensors"]),
        module(
            "Checkpoints",
            [
                "COpenSSL", "Tensors",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]
        ),
        module(
            "Tokenizers",
            ["CPCRE2", .product(name: "HeapModule", package: "swift-collections")]
        ),
        module("Images", ["CImages", "Tensors"]),
        // A model sees only `Parameters`; a learned merge sees only an objective. Neither module
        // may depend on the other: they meet in Experiments.
        module("Transformers", ["Autograd", "Tensors"]),
        module(
            "Merging",
            [
                "Autograd", "Checkpoints", "Tensors",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]
        ),
        module(
            "Tasks",
            [
                "Autograd", "CZlib", "Checkpoints", "Images", "Tensors", "Tokenizers",
                "Transformers",
            ]
        ),
        module(
            "Experiments",
            [
                "Autograd", "Checkpoints", "Images", "Merging", "Presentation", "Tasks", "Tensors",
                "Tokenizers", "Transformers",
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .executableTarget(
            name: "merganser",
            dependencies: [
                "Checkpoints", "Experiments", "Merging", "Presentation", "Tasks", "Tensors",
                "Tokenizers",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),

        .executableTarget(
            name: "merganser-benchmark",
            dependencies: [
                "Autograd", "Checkpoints", "Experiments", "Merging", "Tasks", "Tensors",
                "Transformers",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),

        .target(
            name: "TestSupport",
            dependencies: ["Checkpoints", "Tensors", "Transformers"],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        tests(of: "Presentation"),
        tests(of: "Tensors"),
        tests(of: "Autograd", ["Tensors"]),
        tests(of: "Checkpoints", ["Tensors"]),
        tests(of: "Tokenizers"),
        tests(of: "Images", ["Checkpoints", "Tensors"]),
        tests(of: "Transformers", ["Autograd", "Checkpoints", "Merging", "Tensors"]),
        tests(of: "Merging", ["Autograd", "Checkpoints", "Tensors", "Transformers"]),
        tests(of: "Tasks", ["Checkpoints", "Images", "Tensors", "Tokenizers", "Transformers"]),
        tests(
            of: "Experiments",
            [
                "Autograd", "Checkpoints", "Merging", "Presentation", "Tasks", "Tensors",
                "Tokenizers", "Transformers",
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
