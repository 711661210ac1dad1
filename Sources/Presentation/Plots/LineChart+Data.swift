// What is drawn of the series that there are.

extension LineChart {
    /// A line as it is drawn.
    package struct Line: Sendable, Equatable {
        package let name: String
        /// Which colour, dashes and marks it has.
        package let style: Int
        package let points: [Point]
        /// The indices of the points that have a mark.
        package let marked: [Int]
        package let emphasised: Point?
    }

    /// Whether there are so many lines that each is one of a crowd.
    package var isCrowd: Bool { series.count > Self.mostNames }

    /// The groups of a crowd, in the order in which they occur.
    package var groups: [String] {
        series.map { $0.group ?? "" }.reduce(into: []) { groups, group in
            if !groups.contains(group) { groups.append(group) }
        }
    }

    /// The lines, without points that have no place and points that nobody could see.
    package var lines: [Line] {
        let hasIntervals = series.contains { $0.points.contains { $0.lower != nil } }
        // What keeps the drawing below 60 kB.
        let limit = min(300, max(24, (hasIntervals ? 1800 : 5000) / max(series.count, 1)))
        let groups = groups
        return series.enumerated().map { index, series in
            let points = series.points.filter(hasPlace)
            let kept = Thinning.indices(of: points.map(\.y), limit: limit).map { points[$0] }
            let isDense = kept.count > 25
            return Line(
                name: series.name,
                style: isCrowd ? groups.firstIndex(of: series.group ?? "") ?? 0 : index,
                points: kept,
                marked: isCrowd
                    ? []
                    : isDense
                        ? Thinning.spread(kept.count, marks: 6, series: index)
                        : Array(kept.indices),
                emphasised: series.emphasis.flatMap { x in points.first { $0.x == x } }
            )
        }
    }

    /// How many points have no place.
    package var leftOut: Int {
        series.reduce(0) { $0 + $1.points.count { !hasPlace($0) } }
            + references.count { !$0.y.isDrawable }
    }

    private func hasPlace(_ point: Point) -> Bool {
        point.x.isDrawable && point.y.isDrawable && (xScale != .logarithmic || point.x > 0)
    }

    /// The axis at the bottom.
    package var xAxis: PlotAxis {
        let values = lines.flatMap(\.points).map(\.x)
        // Of what is counted there is nothing between whole numbers.
        let areCounts = values.allSatisfy { $0 == $0.rounded() }
        return PlotAxis(xScale, over: values, leastStep: areCounts ? 1 : 0)
    }

    /// The axis at the left.
    package var yAxis: PlotAxis {
        let values = lines.flatMap(\.points).flatMap {
            [$0.y] + ($0.interval.map { [$0.0, $0.1] } ?? [])
        }
        let compared = references.map(\.y).filter(\.isDrawable)
        return PlotAxis(
            .linear,
            over: values + compared,
            fixed: yRange,
            padding: 0.05,
            style: yStyle
        )
    }
}

extension LineChart.Point {
    /// Both ends, where both have a place.
    var interval: (Double, Double)? {
        guard let lower, let upper, lower.isDrawable, upper.isDrawable else { return nil }
        return (lower, upper)
    }
}
