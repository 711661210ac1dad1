import Foundation
import Tensors
import Testing

@testable import Checkpoints

@Suite struct TensorViewTests {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    private func view(_ dtype: String, _ shape: [Int], _ bytes: [UInt8]) throws -> TensorView {
        // An odd byte before it puts every element at an address that is not aligned.
        let header =
            #"{"odd":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"\#(dtype)","#
            + #""shape":\#(shape),"data_offsets":[1,\#(1 + bytes.count)]}}"#
        let url = try directory.write(file(header) + [9] + bytes, "\(dtype).safetensors")
        return try Checkpoint(at: url).view("x")
    }

    @Test(
        arguments: [
            ("BOOL", [0, 1], [0, 1]), ("U8", [0, 255], [0, 255]), ("I8", [255, 127], [-1, 127]),
            ("U16", [255, 255, 1, 0], [65535, 1]), ("I16", [255, 255, 1, 0], [-1, 1]),
            ("U32", [1, 0, 0, 1, 0, 0, 0, 0], [16_777_217, 0]),
            ("I32", [255, 255, 255, 255, 2, 0, 0, 0], [-1, 2]),
            (
                "U64", [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
                [1, 72_057_594_037_927_936]
            ),
            ("I64", [254, 255, 255, 255, 255, 255, 255, 255, 3, 0, 0, 0, 0, 0, 0, 0], [-2, 3]),
        ] as [(String, [UInt8], [Int64])]
    )
    func `integers are read as they are and as floats`(
        dtype: String,
        bytes: [UInt8],
        expected: [Int64]
    ) throws {
        let view = try view(dtype, [2], bytes)
        #expect(try view.integers() == expected)
        #expect(try view.tensor().elements == expected.map { Float($0) })
        #expect(!view.isFloatingPoint)
    }

    @Test(
        arguments: [
            ("F8_E4M3", [0x38, 0xc0], [1, -2]), ("F8_E5M2", [0x3c, 0xc0], [1, -2]),
            ("F8_E8M0", [127, 128], [1, 2]), ("BF16", [0x80, 0x3f, 0, 0xc0], [1, -2]),
            ("F16", [0, 0x3c, 0, 0xc0], [1, -2]),
            ("F32", [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0], [1, -2]),
            ("F64", [0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0], [1, -2]),
        ] as [(String, [UInt8], [Float])]
    )
    func `floats of every width are read as float32`(
        dtype: String,
        bytes: [UInt8],
        expected: [Float]
    ) throws {
        let view = try view(dtype, [2], bytes)
        #expect(try view.tensor().elements == expected)
        #expect(view.isFloatingPoint)
        #expect(message { _ = try view.integers() }.contains("where integers were expected"))
    }

    @Test(arguments: ["F4", "F6_E2M3", "F6_E3M2", "C64"])
    func `formats that are not numbers of whole bytes stay bytes`(dtype: String) throws {
        let format = try #require(DType(rawValue: dtype))
        let bytes = [UInt8](1...UInt8(format.bitCount))
        let view = try view(dtype, [8], bytes)
        #expect(message { _ = try view.tensor() }.contains("which cannot be read as float32"))
        #expect(try view.withBytes { $0.byteCount } == bytes.count)
        #expect(view.byteCount == bytes.count)
    }

    @Test func `an unsigned integer of 64 bits is an error where none is expected`() throws {
        let view = try view("U64", [1], [0, 0, 0, 0, 0, 0, 0, 0x80])
        #expect(message { _ = try view.integers() }.contains("is U64 where integers"))
        #expect(try view.tensor().elements == [0x1p63])
    }

    @Test func `blocks and rows are parts of the whole`() throws {
        let count = 5 * 7
        let bytes = (0..<count).flatMap { [UInt8(0), UInt8($0)] }
        let view = try view("BF16", [5, 7], bytes)
        let whole = try view.tensor().elements
        var block = [Float](repeating: 0, count: 11)
        var target = block.mutableSpan
        try view.decode(13..<24, into: &target)
        #expect(block == Array(whole[13..<24]))
        let rows = try view.rows([4, 0, 4])
        #expect(rows.shape == [3, 7])
        #expect(rows.elements == Array(whole[28..<35] + whole[0..<7] + whole[28..<35]))
        #expect(try view.rows([]).shape == [0, 7])
        #expect(message { _ = try view.rows([0, 5]) }.contains("row 5 was asked of “x”"))
        #expect(message { _ = try view.rows([-1]) }.contains("row -1 was asked of “x”"))
        let vector = try self.view("U8", [2], [1, 2])
        #expect(message { _ = try vector.rows([0]) }.contains("the shape [2] where a matrix"))
    }

    @Test func `what is not finite is found in any block`() throws {
        let bytes = [UInt8](repeating: 0, count: 20_000)
        #expect(try view("F16", [10_000], bytes).nonFinite() == nil)
        var infinite = bytes
        infinite[2 * 9_999 + 1] = 0x7c
        #expect(try view("F16", [10_000], infinite).nonFinite() == 9_999)
        infinite[2 * 8_191 + 1] = 0xfe
        #expect(try view("F16", [10_000], infinite).nonFinite() == 8_191)
        #expect(try view("F32", [0], []).nonFinite() == nil)
    }

    @Test func `a file that became shorter is noticed`() throws {
        let url = try directory.write(soundFile(["a"]), "short.safetensors")
        let view = try Checkpoint(at: url).view("a")
        let handle = try FileHandle(forWritingTo: url)
        try handle.truncate(atOffset: 20)
        #expect(message { _ = try view.tensor() }.contains("and now has 20; do not change"))
        #expect(message { _ = try view.withBytes { $0.byteCount } }.contains("now has 20"))
    }
}
