import Presentation
import Testing

@Suite struct `A heat map` {
    private func map(_ rows: Int, _ columns: Int) -> HeatMap {
        HeatMap(
            title: "λ",
            rows: (0..<rows).map { "row \($0)" },
            columns: (0..<columns).map { "column \($0)" },
            values: (0..<rows).map { row in (0..<columns).map { Double(row * $0) / 100 } }
        )
    }

    private func cells(_ map: HeatMap) -> [ReadMarkup.Element] {
        let legend = 40
        return ReadMarkup(map.svg).elements.filter { $0.name == "rect" }.dropLast(legend)
    }

    @Test(arguments: [(12, 8, true), (100, 8, false), (21, 21, false), (1, 1, true)])
    func `has a cell for every number, and the number where there is room`(
        rows: Int,
        columns: Int,
        hasNumbers: Bool
    ) {
        let map = map(rows, columns)
        #expect(cells(map).count == rows * columns)
        let drawing = ReadMarkup(map.svg)
        #expect(drawing.of(class: "mg-ink").count == (hasNumbers ? rows * columns : 0))
        #expect(drawing.texts(of: "title").contains("row 0, column 0: 0"))
    }

    @Test func `grows darker with its numbers`() {
        let map = HeatMap(title: "", rows: ["a"], columns: ["b", "c", "d"], values: [[0, 1, 2]])
        let fills = cells(map).compactMap { $0.attributes["fill"] }
        let greens = fills.map { Int($0.dropFirst(3).prefix(2), radix: 16) ?? 0 }
        #expect(greens == greens.sorted(by: >) && Set(greens).count == 3)
        let inks = ReadMarkup(map.svg).of(class: "mg-ink")
        #expect(inks.map { $0.classes.contains("mg-light") } == [false, false, true])
    }

    @Test func `is white at 0 where numbers have signs`() {
        let map = HeatMap(title: "", rows: ["a"], columns: ["b", "c", "d"], values: [[-1, 0, 1]])
        let fills = cells(map).compactMap { $0.attributes["fill"] }
        #expect(fills[1] == "#ffffff")
        #expect(Set(fills).count == 3)
    }

    @Test func `keeps to a fixed scale`() {
        var map = HeatMap(title: "", rows: ["a"], columns: ["b", "c"], values: [[0.2, 5]])
        map.scale = .init(limit: 1, isSigned: false)
        let texts = ReadMarkup(map.svg).texts(of: "text")
        #expect(texts.suffix(2) == ["0.00", "1.00"])
    }

    @Test func `over two quantities grows upwards and rings the best cell`() {
        let map = HeatMap(
            title: "error",
            x: ("λ₁", [0, 0.5, 1]),
            y: ("λ₂", [0, 1]),
            values: [[1, 2, 3], [4, 5, 6]],
            marked: (x: 2, y: 0),
            contour: 3.5
        )
        #expect(map.rows == ["1", "0"])
        #expect(map.values == [[4, 5, 6], [1, 2, 3]])
        #expect(map.marked == .init(row: 1, column: 2))
        #expect(map.contourEdges.count == 3)
        #expect(map.contourEdges.allSatisfy { $0.from.row == 1 && $0.to.row == 1 })
        let drawing = ReadMarkup(map.svg)
        #expect(drawing.of(class: "mg-rim").count == 2)
        #expect(
            drawing.texts(of: "text").contains("λ₁") && drawing.texts(of: "text").contains("λ₂")
        )
    }

    @Test func `leaves out what is not finite, and without numbers has none`() {
        let map = HeatMap(title: "", rows: ["a"], columns: ["b", "c"], values: [[.nan, nil]])
        #expect(map.leftOut == 1)
        let texts = ReadMarkup(map.svg).texts(of: "text")
        #expect(texts.contains("no data"))
        #expect(texts.contains("1 value that is not finite is left out."))
    }
}
