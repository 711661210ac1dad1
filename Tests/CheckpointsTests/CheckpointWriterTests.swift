import Foundation
import Tensors
import Testing

@testable import Checkpoints

@Suite struct CheckpointWriterTests {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    private func declared(_ names: String..., shape: [Int] = [4]) -> [TensorDeclaration] {
        names.map { TensorDeclaration(name: $0, dtype: .float32, shape: shape) }
    }

    @Test(arguments: [DType.bfloat16, .float16, .float32, .float64])
    func `numbers that a format holds come back`(dtype: DType) throws {
        let values: [Float] = [0, -0.0, 1, -2.5, 0x1p-14, 0x1p-20, .infinity, 256]
        let url = directory.url.appending(path: "x.safetensors")
        try SafeTensors.write([("a/b \"c\"\n", .rounded(Tensor([2, 4], values), dtype))], to: url)
        let checkpoint = try Checkpoint(at: url)
        let view = try checkpoint.view("a/b \"c\"\n")
        #expect(view.dtype == dtype)
        #expect(view.shape == [2, 4])
        #expect(try view.tensor().elements.map(\.bitPattern) == values.map(\.bitPattern))
    }

    @Test(arguments: DType.allCases) func `bytes of every format come back`(dtype: DType) throws {
        let bytes = (0..<8 * dtype.bitCount / 8).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let url = directory.url.appending(path: "x.safetensors")
        let writer = try CheckpointWriter(
            file: url,
            tensors: [TensorDeclaration(name: "t", dtype: dtype, shape: [2, 4])]
        )
        try writer.write("t", bytes: Array(bytes[2...]), at: 2)
        try writer.write("t", bytes: Array(bytes[..<2]), at: 0)
        try writer.finish()
        let view = try Checkpoint(at: url).view("t")
        #expect(view.dtype == dtype)
        let copy = directory.url.appending(path: "copy.safetensors")
        try SafeTensors.write([("t", .stored(view))], metadata: ["format": "pt"], to: copy)
        #expect(try Data(contentsOf: copy) == Data(contentsOf: url))
        #expect(try Data(contentsOf: copy).suffix(bytes.count) == Data(bytes))
    }

    @Test(arguments: [
        DType.bool, .unsigned8, .signed8, .unsigned16, .signed16, .unsigned32, .signed32,
        .unsigned64, .signed64,
    ]) func `integers come back, or do not fit and say so`(dtype: DType) throws {
        let url = directory.url.appending(path: "x.safetensors")
        try SafeTensors.write([("t", .integers([1, 0, 1], shape: [3], dtype))], to: url)
        #expect(try Checkpoint(at: url).view("t").integers() == [1, 0, 1])
        let bounds: (Int64, Int64) =
            switch dtype {
            case .bool: (0, 1)
            case .signed8: (-128, 127)
            case .signed16: (-32_768, 32_767)
            case .signed32: (-2_147_483_648, 2_147_483_647)
            case .signed64: (.min, .max)
            case .unsigned64: (0, .max)
            default: (0, Int64(1) << Int64(dtype.bitCount) - 1)
            }
        let edges = [bounds.0, bounds.1]
        try SafeTensors.write([("t", .integers(edges, shape: [2], dtype))], to: url)
        #expect(try Checkpoint(at: url).view("t").integers() == edges)
        if bounds.1 < .max {
            let said = message {
                try SafeTensors.write(
                    [("t", .integers([bounds.1 + 1], shape: [1], dtype))],
                    to: url
                )
            }
            #expect(said.contains("\(bounds.1 + 1), an element of “t”, cannot be written"))
        }
        // The failure left the earlier file, and nothing else.
        #expect(try Checkpoint(at: url).view("t").integers() == edges)
        #expect(try directory.contents == ["x.safetensors"])
    }

    @Test func `the file is laid out for readers that map it`() throws {
        let url = directory.url.appending(path: "x.safetensors")
        try SafeTensors.write(
            [
                ("ids", .integers([7], shape: [1], .unsigned8)),
                ("half", .rounded(Tensor([3], [1, 2, 3]), .float16)),
                ("empty", .floats(.zeros([0, 5]))),
                ("long", .integers([1], shape: [], .signed64)),
                ("float", .floats(Tensor([1], [5]))),
            ],
            metadata: ["b": "2", "a": "1"],
            to: url
        )
        let bytes = try [UInt8](Data(contentsOf: url))
        let length = Int(bytes[0]) + Int(bytes[1]) << 8
        #expect(length.isMultiple(of: 8))
        let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
        #expect(
            header.hasPrefix(
                #"{"__metadata__":{"a":"1","b":"2"},"long":{"dtype":"I64","shape":[],"data"#
            )
        )
        let checkpoint = try Checkpoint(at: url)
        #expect(checkpoint.names == ["long", "empty", "float", "half", "ids"])
        #expect(checkpoint.metadata == ["a": "1", "b": "2"])
        #expect(try checkpoint.view("half").tensor().elements == [1, 2, 3])
        #expect(try checkpoint.view("float").tensor().elements == [5])
    }

    @Test func `a large model becomes several files and an index`() throws {
        let tensors = declared("a", "b", "c", "d") + declared("large", shape: [10]) + declared("e")
        let writer = try CheckpointWriter(
            directory: directory.url,
            tensors: tensors,
            shardLimit: 32
        )
        for (i, tensor) in tensors.enumerated().reversed() {
            try writer.write(tensor.name, Tensor(tensor.shape, repeating: Float(i)))
        }
        #expect(try directory.contents.allSatisfy { $0.hasPrefix(".") })
        let files = try writer.finish()
        #expect(
            files.map(\.lastPathComponent) == [
                "model-00001-of-00004.safetensors", "model-00002-of-00004.safetensors",
                "model-00003-of-00004.safetensors", "model-00004-of-00004.safetensors",
                "model.safetensors.index.json",
            ]
        )
        #expect(try directory.contents == files.map(\.lastPathComponent))
        let checkpoint = try Checkpoint(at: directory.url)
        #expect(checkpoint.names == ["a", "b", "c", "d", "large", "e"])
        #expect(try checkpoint.view("large").tensor().elements == Array(repeating: 4, count: 10))
        #expect(checkpoint.metadata == ["format": "pt"])
        struct Index: Decodable {
            let metadata: [String: Int]
            let weight_map: [String: String]
        }
        let index = try JSONDecoder().decode(Index.self, from: Data(contentsOf: files[4]))
        #expect(index.metadata == ["total_size": 5 * 16 + 40])
        #expect(index.weight_map["large"] == "model-00003-of-00004.safetensors")
        #expect(index.weight_map.count == 6)
    }

    @Test func `a small model is one file, and nothing at all is one too`() throws {
        let writer = try CheckpointWriter(directory: directory.url, tensors: declared("a"))
        try writer.append(Tensor([4], [1, 2, 3, 4]))
        #expect(try writer.finish().map(\.lastPathComponent) == ["model.safetensors"])
        #expect(try Checkpoint(at: directory.url).view("a").tensor().elements == [1, 2, 3, 4])
        try CheckpointWriter(directory: directory.url, tensors: []).finish()
        #expect(try Checkpoint(at: directory.url).names == [])
    }

    @Test func `blocks may come in order, or in any order from any thread`() async throws {
        let count = 100_000
        let tensors = ["a", "b"].map {
            TensorDeclaration(name: $0, dtype: .bfloat16, shape: [count])
        }
        let writer = try CheckpointWriter(directory: directory.url, tensors: tensors)
        let values = (0..<count).map { Float($0 % 251) }
        for start in stride(from: 0, to: count, by: 8192) {
            try writer.append(values[start..<min(start + 8192, count)].span, to: "a")
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for start in stride(from: 0, to: count, by: 8192).reversed() {
                group.addTask {
                    let part = Array(values[start..<min(start + 8192, count)])
                    try writer.write("b", part.span, at: start)
                }
            }
            try await group.waitForAll()
        }
        try writer.finish()
        let checkpoint = try Checkpoint(at: directory.url)
        #expect(try checkpoint.view("a").tensor().elements == values)
        #expect(try checkpoint.view("b").tensor().elements == values)
    }

    @Test func `a writer that is dropped leaves what was there`() throws {
        try directory.write("old", "model.safetensors")
        do {
            let writer = try CheckpointWriter(directory: directory.url, tensors: declared("a", "b"))
            try writer.write("a", Tensor([4], [1, 2, 3, 4]))
        }
        #expect(try directory.contents == ["model.safetensors"])
        let old = directory.url.appending(path: "model.safetensors")
        #expect(try String(contentsOf: old, encoding: .utf8) == "old")
    }

    @Test func `declarations that cannot be are refused together`() {
        let said = message {
            _ = try CheckpointWriter(
                directory: directory.url,
                tensors: declared("a", "a", "__metadata__") + declared("big", shape: [.max, 3])
            )
        }
        for part in ["“a” occurs twice", "“__metadata__” is not a name", "the size of “big”"] {
            #expect(said.contains(part))
        }
    }

    @Test func `an output that readers would not find is refused`() throws {
        try directory.write("old", "model.safetensors")
        let said = message {
            _ = try CheckpointWriter(
                directory: directory.url,
                tensors: declared("a", "b"),
                shardLimit: 16
            )
        }
        #expect(said.contains("would not be read, because"))
        #expect(try directory.contents == ["model.safetensors"])
        let absent = directory.url.appending(path: "absent")
        let gone = message { _ = try CheckpointWriter(directory: absent, tensors: []) }
        #expect(gone.contains("absent/model.safetensors”: No such file or directory"))
    }

    @Test func `numbers cannot be written as what they are not`() throws {
        let url = directory.url.appending(path: "x.safetensors")
        let said = message {
            try SafeTensors.write([("t", .rounded(Tensor([1], [1]), .signed64))], to: url)
        }
        #expect(said.contains("“t” cannot be written to “\(url.path)” as I64"))
        #expect(try directory.contents == [])
    }
}

extension CheckpointWriter {
    fileprivate func append(_ tensor: Tensor) throws {
        try tensor.withSpan { try append($0.extracting(first: 1), to: "a") }
        try tensor.withSpan { try append($0.extracting(droppingFirst: 1), to: "a") }
    }
}
