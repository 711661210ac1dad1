/// Lines over an axis: learning curves, trajectories, results against a swept value.
///
/// Every line has its name at its end, in the order of the ends. More than `mostNames` lines are drawn
/// thin, in one colour for each group.
package struct LineChart: Sendable, Equatable {
    /// A point of a line, with the interval that it is known to lie in.
    package struct Point: Sendable, Equatable {
        package let x, y: Double
        package let lower, upper: Double?

        package init(x: Double, y: Double, lower: Double? = nil, upper: Double? = nil) {
            (self.x, self.y, self.lower, self.upper) = (x, y, lower, upper)
        }
    }

    /// A line.
    package struct Series: Sendable, Equatable {
        package let name: String
        package let points: [Point]
        /// What has one colour where there are many lines.
        package let group: String?
        /// The x of a point that stands out, such as the best step.
        package let emphasis: Double?

        package init(
            _ name: String,
            _ points: [Point],
            group: String? = nil,
            emphasis: Double? = nil
        ) {
            (self.name, self.points) = (name, points)
            (self.group, self.emphasis) = (group, emphasis)
        }
    }

    /// A line across the plot to compare with.
    package struct Reference: Sendable, Equatable {
        package let name: String
        package let y: Double

        package init(_ name: String, y: Double) { (self.name, self.y) = (name, y) }
    }

    /// The number of lines up to which each has its name beside it.
    package static let mostNames = 12

    package var title, xTitle, yTitle: String
    package var xScale: AxisScale
    package var yStyle: NumberStyle
    /// The numbers at both ends of the upright axis; `nil` where these follow from the points.
    package var yRange: ClosedRange<Double>?
    package var series: [Series]
    package var references: [Reference]
    /// Sentences below the plot.
    package var notes: [String]

    package init(
        title: String,
        x xTitle: String,
        y yTitle: String,
        series: [Series],
        xScale: AxisScale = .linear,
        yStyle: NumberStyle = .plain,
        yRange: ClosedRange<Double>? = nil,
        references: [Reference] = [],
        notes: [String] = []
    ) {
        (self.title, self.xTitle, self.yTitle) = (title, xTitle, yTitle)
        (self.xScale, self.yStyle, self.yRange) = (xScale, yStyle, yRange)
        (self.series, self.references, self.notes) = (series, references, notes)
    }
}
