/// Data that can be drawn.
package protocol Plot: Sendable, Equatable {
    /// The drawing, as a part of a page.
    var drawing: Markup { get }
}

extension Plot {
    /// The drawing as a file in SVG, which also may stand in a page.
    package var svg: String { drawing.source + "\n" }
}
