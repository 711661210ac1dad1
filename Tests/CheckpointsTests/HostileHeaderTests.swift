import Foundation
import Tensors
import Testing

@testable import Checkpoints

/// Each row is a lie that a file may tell, and what has to be said about it.
@Suite struct HostileHeaderTests {
    struct Lie: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let says: String
        var testDescription: String { name }

        init(_ name: String, _ bytes: [UInt8], _ says: String) {
            (self.name, self.bytes, self.says) = (name, bytes, says)
        }

        init(_ name: String, _ header: String, data: Int = 0, _ says: String) {
            self.init(name, file(header, data: data), says)
        }
    }

    static let sound = #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#

    static let lies: [Lie] = [
        // Length
        Lie("empty", [], "has 0 bytes, too few"),
        Lie("seven bytes", [2, 0, 0, 0, 0, 0, 0], "has 7 bytes, too few"),
        Lie("length only", [2, 0, 0, 0, 0, 0, 0, 0], "claims 2 bytes, of which 0 are possible"),
        Lie("header cut", Array(file(sound).dropLast()), "claims 54 bytes, of which 53"),
        Lie("length of 2^64 - 1", [UInt8](repeating: 255, count: 8), "claims 18446744073709551615"),
        Lie(
            "length of 2^63",
            [0, 0, 0, 0, 0, 0, 0, 128, 0x7b, 0x7d],
            "claims 9223372036854775808"
        ),
        Lie("no header", [0, 0, 0, 0, 0, 0, 0, 0], "it ends where an object was expected"),
        Lie("data cut", file(sound, data: 7), "“w” ends at byte 8 of 7 bytes of data"),
        Lie("no data", file(sound), "“w” ends at byte 8 of 0 bytes of data"),
        Lie("bytes after the data", file(sound, data: 9), "no tensor holds the bytes 8..<9"),
        Lie("data without tensors", "{}", data: 4, "no tensor holds the bytes 0..<4"),

        // JSON
        Lie("no JSON", "hello", "byte 0 holds something else where “{” was expected"),
        Lie("space before the brace", " {}", "byte 0"),
        Lie("an array", "[]", "byte 0 holds something else where “{”"),
        Lie("unclosed", #"{"w":{"dtype":"F32""#, "it ends where “,” or “}” was expected"),
        Lie("unclosed string", #"{"w"#, "it ends where “\"” was expected"),
        Lie("text after the header", "{}x", "byte 2 holds “x” where the end was expected"),
        Lie(
            "zero bytes after the header",
            file([0x7b, 0x7d, 0, 0]),
            "holds byte 0x0 where the end"
        ),
        Lie("trailing comma", #"{"__metadata__":{},}"#, "holds “}” where a key was expected"),
        Lie("missing colon", #"{"w" {}}"#, "holds “{” where “:” was expected"),
        Lie("unquoted key", "{w:1}", "holds “w” where a key was expected"),
        Lie(
            "nesting",
            #"{"w":{"x":"# + String(repeating: "[", count: 100_000),
            "nests deeper than 32 levels"
        ),
        Lie(
            "nesting outside",
            String(repeating: #"{"a":"#, count: 100_000),
            "in “a”, in “a”, in “a”, byte 160 nests deeper than 32 levels"
        ),
        Lie("UTF-8", file([0x7b, 0x22, 0xff, 0x22]), "is not valid UTF-8"),
        Lie("UTF-8 cut", file([0x7b, 0x22, 0xe2, 0x82, 0x22]), "is not valid UTF-8"),
        Lie("UTF-8 surrogate", file([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22]), "is not valid UTF-8"),
        Lie("UTF-8 too long", file([0x7b, 0x22, 0xc0, 0xaf, 0x22]), "is not valid UTF-8"),
        Lie("escape", #"{"\x":1}"#, "begins an invalid escape"),
        Lie("escape cut", #"{"\"#, "begins an invalid escape"),
        Lie("hexadecimal cut", #"{"\u12"#, "it ends where four digits"),
        Lie("hexadecimal", #"{"\u12g4":1}"#, "begins an invalid escape"),
        Lie("full-width digits", "{\"\\u1２34\":1}", "begins an invalid escape"),
        Lie("single surrogate", #"{"\ud800":1}"#, "begins an invalid escape"),
        Lie("low surrogate", #"{"\udc00":1}"#, "begins an invalid escape"),
        Lie("two high surrogates", #"{"\ud800\ud800":1}"#, "begins an invalid escape"),
        Lie("line break in a name", "{\"a\nb\":1}", "control character inside a string"),

        // Types
        Lie("tensor is a number", #"{"w":1}"#, "in “w”, byte 5 holds “1” where an object"),
        Lie("tensor is null", #"{"w":null}"#, "in “w”, byte 5 holds “n” where an object"),
        Lie("dtype is a number", #"{"w":{"dtype":1}}"#, "in “w”, in “dtype”, byte 14"),
        Lie("shape is a string", #"{"w":{"shape":"2"}}"#, "where an array was expected"),
        Lie("length is a fraction", #"{"w":{"shape":[1.5]}}"#, "an integer that is not negative"),
        Lie("length has an exponent", #"{"w":{"shape":[1e3]}}"#, "an integer that is not negative"),
        Lie("length is negative", #"{"w":{"shape":[-1]}}"#, "an integer that is not negative"),
        Lie("length is a string", #"{"w":{"shape":["1"]}}"#, "an integer that is not negative"),
        Lie("leading zero", #"{"w":{"shape":[01]}}"#, "a number without leading zeros"),
        Lie(
            "length of 2^64",
            #"{"w":{"shape":[18446744073709551616]}}"#,
            "the number at byte 15 is too large"
        ),
        Lie("metadata is a list", #"{"__metadata__":[]}"#, "in “__metadata__”, byte 16 holds “[”"),
        Lie("metadata of numbers", #"{"__metadata__":{"a":1}}"#, "in “a”, byte 21 holds “1”"),
        Lie("metadata is null", #"{"__metadata__":null}"#, "in “__metadata__”, byte 16 holds “n”"),

        // Duplicates
        Lie(
            "a name twice",
            #"{"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"#
                + #""w":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#,
            data: 4,
            "the key “w” occurs twice"
        ),
        Lie("a name twice by an escape", #"{"w":{},"\u0077":{}}"#, "the key “w” occurs twice"),
        Lie("dtype twice", #"{"w":{"dtype":"F32","dtype":"I8"}}"#, "key “dtype” occurs twice"),
        Lie("metadata twice", #"{"__metadata__":{},"__metadata__":{}}"#, "“__metadata__” occurs"),
        Lie("metadata key twice", #"{"__metadata__":{"a":"","a":""}}"#, "the key “a” occurs twice"),

        // Tensors
        Lie(
            "unknown dtype",
            #"{"w":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}"#,
            data: 8,
            "“w” has the dtype “F33”, which does not exist"
        ),
        Lie("lower-case dtype", sound.replacing("F32", with: "f32"), data: 8, "the dtype “f32”"),
        Lie(
            "nothing said",
            #"{"w":{}}"#,
            "“w” has no dtype; “w” has no shape; “w” has no data_off"
        ),
        Lie("one offset", sound.replacing("[0,8]", with: "[0]"), "“w” has 1 data_offsets"),
        Lie("three offsets", sound.replacing("[0,8]", with: "[0,8,8]"), "“w” has 3 data_offsets"),
        Lie(
            "reversed",
            sound.replacing("[0,8]", with: "[8,0]"),
            data: 8,
            "“w” begins at 8 and ends"
        ),
        Lie("size", sound.replacing("[2]", with: "[3]"), data: 8, "[3], takes 12 bytes but has 8"),
        Lie(
            "size by dtype",
            sound.replacing("F32", with: "F64"),
            data: 8,
            "takes 16 bytes but has"
        ),
        Lie(
            "scalar",
            sound.replacing("[2]", with: "[]"),
            data: 8,
            "F32 [], takes 4 bytes but has 8"
        ),
        Lie(
            "overflow",
            sound.replacing("[2]", with: "[4611686018427387904,4]"),
            data: 8,
            "the size of “w”, F32 [4611686018427387904, 4], is not a number of bytes"
        ),
        Lie(
            "overflow before a zero",
            sound.replacing("[2]", with: "[9223372036854775807,9223372036854775807,0]"),
            data: 8,
            "is not a number of bytes"
        ),
        Lie(
            "half a byte",
            #"{"w":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}"#,
            data: 2,
            "the size of “w”, F4 [3], is not a number of bytes"
        ),
        Lie(
            "end of 2^63 - 1",
            sound.replacing("[0,8]", with: "[9223372036854775799,9223372036854775807]"),
            data: 8,
            "“w” ends at byte 9223372036854775807 of 8"
        ),
        Lie(
            "overlap",
            #"{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]},"#
                + #""b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}"#,
            data: 8,
            "“a” and “b” share the bytes 4..<5"
        ),
        Lie(
            "the same bytes",
            #"{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]},"#
                + #""b":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}"#,
            data: 5,
            "“a” and “b” share the bytes 0..<5"
        ),
        Lie(
            "hole",
            #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
                + #""b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}"#,
            data: 5,
            "no tensor holds the bytes 2..<3"
        ),
        Lie("hole at the start", sound.replacing("[0,8]", with: "[1,9]"), data: 9, "bytes 0..<1"),
        Lie(
            "many faults",
            #"{"a":{"dtype":"U7","shape":[],"data_offsets":[0,1]},"#
                + #""b":{"dtype":"U8","shape":[2],"data_offsets":[1,2]}}"#,
            data: 2,
            "“a” has the dtype “U7”, which does not exist; “b”, U8 [2], takes 2 bytes but has 1"
        ),
        Lie(
            "terminal control",
            #"{"\u001b[2J\u202e":{}}"#,
            "“\u{fffd}[2J\u{fffd}” has no dtype"
        ),
        Lie(
            "a long name",
            "{\"" + String(repeating: "x", count: 1_000_000) + "\":{}}",
            String(repeating: "x", count: 120) + "…” has no dtype"
        ),
    ]

    @Test(arguments: lies) func `a file that lies is refused with the reason`(lie: Lie) throws {
        let directory = try TemporaryDirectory()
        let url = try directory.write(lie.bytes, "model.safetensors")
        let said = message { _ = try Checkpoint(at: url) }
        #expect(said.contains(lie.says), "\(said.prefix(600))")
        #expect(said.contains(url.path))
        #expect(said.utf8.count < 4000)
    }

    @Test func `a file cut anywhere is refused`() throws {
        let directory = try TemporaryDirectory()
        let bytes = soundFile(["a", "b"])
        for count in 0..<bytes.count {
            let url = try directory.write(Array(bytes[..<count]), "cut.safetensors")
            #expect(message { _ = try Checkpoint(at: url) } != "", "\(count) bytes")
        }
        _ = try Checkpoint(at: directory.write(bytes, "whole.safetensors"))
    }

    @Test func `the header may be as long as the format allows and no longer`() throws {
        let directory = try TemporaryDirectory()
        let limit = SafeTensors.headerLimit
        let longest = [0x7b, 0x7d] + [UInt8](repeating: 0x20, count: limit - 2)
        let url = try directory.write(file(longest), "a.safetensors")
        #expect(try Checkpoint(at: url).names.isEmpty)
        let longer = try directory.write(file(longest + [0x20]), "b.safetensors")
        #expect(message { _ = try Checkpoint(at: longer) }.contains("claims 100000001 bytes"))
    }

    @Test func `what the format allows is read`() throws {
        let directory = try TemporaryDirectory()
        let header =
            #"{"z":{"shape":[2,0,9223372036854775807],"dtype":"F64","data_offsets":[4,4],"x":"#
            + #"[{"y":[true,false,null,-1.5e+3,0,"s"]}]},"#
            + #""é\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t":{"dtype":"I16","shape":[2],"#
            + "\t\n\r \"data_offsets\":[ 0 , 4 ]}"
            + #","__metadata__":{"format":"pt","":""}}    "#
        let checkpoint = try Checkpoint(at: directory.write(file(header, data: 4), "x"))
        #expect(checkpoint.names == ["z", "éé😀\"\\/\u{8}\u{c}\n\r\t"])
        #expect(checkpoint.metadata == ["format": "pt", "": ""])
        #expect(checkpoint["z"]?.count == 0)
        #expect(try checkpoint.view("z").tensor().elements == [])
        #expect(try checkpoint.view(checkpoint.names[1]).integers() == [0x100, 0x302])
    }

    @Test func `no mutation of a header traps`() throws {
        let directory = try TemporaryDirectory()
        let header = [UInt8](
            (#"{"__metadata__":{"format":"pt"},"a.weight":{"dtype":"F32","shape":[2,3],"#
                + #""data_offsets":[0,24]},"b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]}}"#)
                .utf8
        )
        let interesting = [UInt8](#"{}[]",:\-019eE.u "#.utf8) + [0, 0x7f, 0x80, 0xc3, 0xff]
        var random = SystemRandomNumberGenerator()
        var opened = 0
        for round in 0..<20_000 {
            var bytes = header
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[at] = interesting.randomElement(using: &random) ?? 0
                case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 2: bytes.remove(at: at)
                case 3: bytes.insert(interesting.randomElement(using: &random) ?? 0, at: at)
                default: bytes.insert(contentsOf: bytes[at...].prefix(20), at: at)
                }
            }
            do throws(CheckpointError) {
                _ = try SafeTensors.header(parsing: bytes, dataCount: 32, path: "")
                opened += 1
            } catch {
                #expect(!error.description.isEmpty)
                continue
            }
            // What the check lets through must be readable in full.
            let url = try directory.write(file(bytes, data: 32), "fuzz-\(round).safetensors")
            let checkpoint = try Checkpoint(at: url)
            for view in try checkpoint.views(checkpoint.names) where view.dtype.decoder != nil {
                _ = try view.tensor()
            }
        }
        #expect(opened > 0, "some mutations are harmless")
    }
}
