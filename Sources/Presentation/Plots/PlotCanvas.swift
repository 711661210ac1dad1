/// A drawing that grows downwards: heading, legend, plot and notes.
struct PlotCanvas {
    static let fontSize = 12.0
    /// About the width of a letter, which no SVG can measure.
    static let letter = 7.4
    static let lineHeight = 16.0

    let title: String
    let width: Double
    private(set) var height = 4.0
    private var parts: [Markup] = []
    private var sentences: [String] = []

    init(title: String, subtitles: [String] = [], width: Double) {
        (self.title, self.width) = (title, width)
        add(heading: title)
        for line in subtitles where !line.isEmpty { lines(line, className: "mg-note") }
    }

    /// Adds a title.
    mutating func add(heading: String) { lines(heading, className: "mg-title") }

    /// Goes down by so much.
    mutating func skip(_ distance: Double) { height += distance }

    /// Adds what is drawn in a part of so much height.
    mutating func add(_ elements: [Markup], height: Double = 0) {
        parts += elements
        self.height += height
    }

    /// Adds sentences below, which are read out, too.
    mutating func add(notes: [String]) {
        for note in notes where !note.isEmpty {
            sentences.append(note)
            lines(note, className: "mg-note")
        }
    }

    /// Adds that there is nothing to draw.
    mutating func addNoData() {
        let place = (width / 2, height + 40)
        add(
            [Self.text("no data", at: place, className: "mg-quiet", anchor: .middle)],
            height: 80
        )
    }

    private mutating func lines(_ text: String, className: String) {
        // The letters of a title are bold, those of a note smaller.
        let letter = className == "mg-title" ? 8.7 : 6.8
        let columns = Int(width / letter)
        for line in text.printable.wrapped(toWidth: columns) where !line.isEmpty {
            height += Self.lineHeight
            parts.append(Self.text(line, at: (0, height - 4), className: className))
        }
    }

    /// The whole drawing, which stands alone or in a page.
    func drawing(description: String) -> Markup {
        let size = (width: width.rounded(.up), height: (height + 4).rounded(.up))
        let description = ([description] + sentences).joined(separator: " ")
        let head: [Markup] = [
            .element("title", title), .element("desc", description), PlotTheme.style,
        ]
        // The size at which letters are as large as those of a page, and a bit more.
        let limit = (size.width * 1.25).rounded().place
        return Markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": "mg-plot", "role": "img",
                "viewBox": "0 0 \(size.width.place) \(size.height.place)", "width": "100%",
                "style": "max-width:\(limit)px;height:auto",
                "font-family": PlotTheme.fonts, "font-size": Self.fontSize.place,
            ],
            [.joined([.literal("")] + head + parts + [.literal("")])]
        )
    }
}

// MARK: Texts

extension PlotCanvas {
    /// Which part of a text stands at its place.
    enum Anchor: String { case start, middle, end }

    /// A text of one line.
    ///
    /// What takes more than its room has an ellipsis in the middle, for names often differ at their
    /// end; the whole of it is shown under the pointer.
    static func text(
        _ text: String,
        at place: (x: Double, y: Double),
        className: String? = nil,
        anchor: Anchor = .start,
        room: Double = .infinity,
        rotation: Int = 0
    ) -> Markup {
        let columns = room.isFinite ? max(Int(room / letter), 1) : Int.max
        let clipped = text.printable.clippedInside(toWidth: columns)
        let whole: [Markup] = clipped == text.printable ? [] : [.element("title", text)]
        let content = whole + [.text(clipped)]
        let (x, y) = (place.x.place, place.y.place)
        let className = className ?? "mg-text"
        guard rotation == 0 else {
            return .element(
                "text",
                [
                    "class": className, "text-anchor": anchor.rawValue,
                    "transform": "translate(\(x) \(y)) rotate(\(rotation))",
                ],
                content
            )
        }
        return anchor == .start
            ? .element("text", ["class": className, "x": x, "y": y], content)
            : .element(
                "text",
                ["class": className, "x": x, "y": y, "text-anchor": anchor.rawValue],
                content
            )
    }

    /// About the width of a text.
    static func width(of text: String) -> Double { Double(text.displayWidth) * letter }

    /// What is said of values that have no place.
    static func leftOut(_ count: Int, _ reason: String = "not finite") -> String {
        count == 0
            ? ""
            : count == 1
                ? "1 value that is \(reason) is left out."
                : "\(NumberText.grouped(count)) values that are \(reason) are left out."
    }
}
