internal import Presentation

/// A picture of results.
struct Figure: Sendable, Equatable {
    /// What is drawn.
    enum Plot: Sendable, Equatable {
        case lines(LineChart)
        case bars(BarChart)
        case cells(HeatMap)
        case points(ScatterPlot)
    }

    /// What its file is called, without `.svg`.
    let name: String
    /// What it shows, in a sentence.
    let caption: String
    /// What is drawn.
    let plot: Plot

    init(_ name: String, _ plot: Plot, caption: String = "") {
        (self.name, self.plot, self.caption) = (name, plot, caption)
    }
}

extension Figure {
    /// The picture as a file of its own.
    var svg: String {
        switch plot {
        case .lines(let chart): chart.svg
        case .bars(let chart): chart.svg
        case .cells(let map): map.svg
        case .points(let plot): plot.svg
        }
    }

    /// The picture as a part of a page.
    var onPage: PageFigure {
        switch plot {
        case .lines(let chart): PageFigure(chart, caption: caption)
        case .bars(let chart): PageFigure(chart, caption: caption)
        case .cells(let map): PageFigure(map, caption: caption)
        case .points(let plot): PageFigure(plot, caption: caption)
        }
    }

    /// A text as the name of a file: what is no letter or digit becomes a hyphen.
    static func fileName(_ text: String) -> String {
        let parts = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return parts.isEmpty ? "figure" : parts.joined(separator: "-")
    }
}
