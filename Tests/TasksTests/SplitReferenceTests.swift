import Testing

@testable import Tasks

struct SplitReferenceTests {
    /// What Python 3 makes of `list(range(count))` and the slice.
    @Test(
        arguments: [
            (count: 0, slice: "[:]", expected: []),
            (count: 0, slice: "[0:3]", expected: []),
            (count: 0, slice: "[-3:]", expected: []),
            (count: 1, slice: "[:]", expected: [0]),
            (count: 1, slice: "[0:3]", expected: [0]),
            (count: 1, slice: "[1:]", expected: []),
            (count: 1, slice: "[:-1]", expected: []),
            (count: 1, slice: "[-3:]", expected: [0]),
            (count: 10, slice: "[:]", expected: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
            (count: 10, slice: "[0:3]", expected: [0, 1, 2]),
            (count: 10, slice: "[3:]", expected: [3, 4, 5, 6, 7, 8, 9]),
            (count: 10, slice: "[:-1]", expected: [0, 1, 2, 3, 4, 5, 6, 7, 8]),
            (count: 10, slice: "[-3:]", expected: [7, 8, 9]),
            (count: 10, slice: "[-3:-1]", expected: [7, 8]),
            (count: 10, slice: "[5:2]", expected: []),
            (count: 10, slice: "[-200:300]", expected: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
            (count: 10, slice: "[100:]", expected: []),
            (count: 10, slice: "[:100]", expected: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
            (count: 10, slice: "[2:-2]", expected: [2, 3, 4, 5, 6, 7]),
            (count: 10, slice: "[-5:3]", expected: []),
            (count: 10, slice: "[9:10]", expected: [9]),
            (count: 10, slice: "[10:11]", expected: []),
            (count: 10, slice: "[-10:-9]", expected: [0]),
            (count: 10, slice: "[-11:-9]", expected: [0]),
            (count: 10, slice: "[4:4]", expected: []),
        ] as [(count: Int, slice: String, expected: [Int])]
    )
    func `slices select what they select in Python`(
        count: Int,
        slice: String,
        expected: [Int]
    ) throws {
        let reference = try SplitReference(parsing: "train" + slice)
        #expect(Array(reference.slice.range(count: count)) == expected)
    }

    /// What `datasets` makes of percentages: `int(round(percent * count / 100.0))`, then a slice.
    @Test(arguments: [
        (count: 1, slice: "[:10%]", expected: 0..<0),
        (count: 1, slice: "[-10%:]", expected: 0..<1),
        (count: 1, slice: "[50%:100%]", expected: 0..<1),
        (count: 5, slice: "[10%:20%]", expected: 0..<1),
        (count: 5, slice: "[50%:100%]", expected: 2..<5),
        (count: 25, slice: "[:10%]", expected: 0..<2),
        (count: 25, slice: "[-10%:]", expected: 23..<25),
        (count: 25, slice: "[50%:]", expected: 12..<25),
        (count: 30, slice: "[50%:100%]", expected: 15..<30),
        (count: 99, slice: "[:-10%]", expected: 0..<89),
        (count: 101, slice: "[50%:]", expected: 50..<101),
        (count: 150, slice: "[1%:3%]", expected: 2..<4),
        (count: 250, slice: "[1%:3%]", expected: 2..<8),
        (count: 250, slice: "[-100%:100%]", expected: 0..<250),
        (count: 1000, slice: "[10%:20%]", expected: 100..<200),
        (count: 0, slice: "[:10%]", expected: 0..<0),
    ])
    func `percentages are rounded as by datasets`(
        count: Int,
        slice: String,
        expected: Range<Int>
    ) throws {
        let reference = try SplitReference(parsing: "train" + slice)
        #expect(reference.slice.range(count: count) == expected)
    }

    @Test func `neighbouring percentages share no example and lose none`() throws {
        for count in [1, 7, 99, 250, 10_007] {
            let parts = try stride(from: 0, to: 100, by: 7).flatMap { start in
                let end = min(start + 7, 100)
                return try SplitReference(parsing: "a[\(start)%:\(end)%]").slice.range(count: count)
            }
            #expect(parts == Array(0..<count))
        }
    }

    @Test(arguments: [
        "train", "train[:2000]", "train[2000:2500]", "test[-500:]", "a.b-c_d[:-1]", "all[10%:20%]",
        "all[-10%:]", "zug[0:0]", "prüfung[1:]",
    ])
    func `references are written as they are read`(text: String) throws {
        let reference = try SplitReference(parsing: text)
        #expect(reference.description == text)
        #expect(try SplitReference(parsing: reference.description) == reference)
    }

    @Test func `an open slice is the whole split`() throws {
        #expect(try SplitReference(parsing: "train[:]") == SplitReference(split: "train"))
        #expect(try SplitReference(parsing: "train[:1_000]").description == "train[:1000]")
    }

    @Test func `bounds beyond every count are no trouble`() throws {
        let reference = try SplitReference(parsing: "a[\(Int.min):\(Int.max)]")
        #expect(reference.slice.range(count: 3) == 0..<3)
        #expect(SplitReference.Slice(from: .percent(-100)).range(count: .max) == 0..<Int.max)
    }

    @Test(arguments: [
        ("", "The split “” has no name; write it like train or train[:2000]."),
        ("[:5]", "The split “[:5]” has no name; write it like train or train[:2000]."),
        (
            "my train",
            "The split “my train” has a space or a bracket in its name; write it like train or "
                + "train[:2000]."
        ),
        ("train[:5", "The split “train[:5” does not end with “]”; write it like train[:2000]."),
        ("train[:5]x", "The split “train[:5]x” does not end with “]”; write it like train[:2000]."),
        (
            "train[5]",
            "The split “train[5]” needs one colon between its brackets, as in train[:2000] or "
                + "train[2000:2500]; steps and single examples are not known."
        ),
        (
            "train[::2]",
            "The split “train[::2]” needs one colon between its brackets, as in train[:2000] or "
                + "train[2000:2500]; steps and single examples are not known."
        ),
        (
            "train[a:]",
            "The split “train[a:]” has the bound “a”, which is neither an integer nor a percentage "
                + "such as 10%."
        ),
        (
            "train[:99999999999999999999]",
            "The split “train[:99999999999999999999]” has the bound “99999999999999999999”, which "
                + "is neither an integer nor a percentage such as 10%."
        ),
        (
            "train[:101%]",
            "The split “train[:101%]” has the bound 101%; percentages go from -100% to 100%."
        ),
        (
            "train[5:10%]",
            "The split “train[5:10%]” mixes a percentage with a number of examples; write both "
                + "bounds in one unit."
        ),
    ])
    func `what is no reference is refused in a sentence`(text: String, message: String) {
        let error = #expect(throws: SplitReferenceError.self) {
            try SplitReference(parsing: text)
        }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        "a[--5:]", "a[-:]", "a[+5:]", "a[5:%]", "a[_5:]", "a[ 5:]", "a[٣:]", "a[1.5:]", "a[]",
        "a[[:]]", "a]", "a[1:2][3:4]", "a[:]]",
    ])
    func `nothing else passes for a reference`(text: String) {
        #expect(throws: SplitReferenceError.self) { try SplitReference(parsing: text) }
    }
}
