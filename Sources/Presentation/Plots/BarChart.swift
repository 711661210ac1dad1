/// Bars of several series in each category: the accuracy of models on tasks.
///
/// Bars lie, so that names of any length stand beside them.
package struct BarChart: Sendable, Equatable {
    /// The length of a bar, with the interval that it is known to lie in.
    package struct Value: Sendable, Equatable {
        /// `nil` where there is none.
        package let value: Double?
        package let lower, upper: Double?

        package init(_ value: Double?, lower: Double? = nil, upper: Double? = nil) {
            (self.value, self.lower, self.upper) = (value, lower, upper)
        }
    }

    /// The bars of one colour.
    package struct Series: Sendable, Equatable {
        package let name: String
        /// One for each category.
        package let values: [Value]

        package init(_ name: String, _ values: [Value]) {
            (self.name, self.values) = (name, values)
        }
    }

    /// A mark across the bars of each category to compare with, such as the task's expert.
    package struct Reference: Sendable, Equatable {
        package let name: String
        /// One for each category; `nil` where there is none.
        package let values: [Double?]

        package init(_ name: String, _ values: [Double?]) {
            (self.name, self.values) = (name, values)
        }
    }

    package var title, axisTitle: String
    package var style: NumberStyle
    /// The numbers at both ends of the axis; `nil` where these follow from the values.
    package var range: ClosedRange<Double>?
    package var categories: [String]
    package var series: [Series]
    package var reference: Reference?
    /// Sentences below the plot.
    package var notes: [String]

    package init(
        title: String,
        axis axisTitle: String,
        categories: [String],
        series: [Series],
        style: NumberStyle = .plain,
        range: ClosedRange<Double>? = nil,
        reference: Reference? = nil,
        notes: [String] = []
    ) {
        for values in series.map(\.values.count) + (reference.map { [$0.values.count] } ?? []) {
            precondition(values == categories.count, "\(values) of \(categories.count) values")
        }
        (self.title, self.axisTitle, self.style, self.range) = (title, axisTitle, style, range)
        (self.categories, self.series, self.reference) = (categories, series, reference)
        self.notes = notes
    }
}

// MARK: What is drawn

extension BarChart {
    /// A bar that has a place.
    package struct Bar: Sendable, Equatable {
        package let category, series: Int
        package let value: Double
        package let interval: ClosedRange<Double>?
    }

    /// The bars, category by category.
    package var bars: [Bar] {
        categories.indices.flatMap { category in
            series.indices.compactMap { index in
                let value = series[index].values[category]
                guard let number = value.value, number.isDrawable else { return nil }
                return Bar(
                    category: category,
                    series: index,
                    value: number,
                    interval: value.interval
                )
            }
        }
    }

    /// How many values are there but have no place.
    package var leftOut: Int {
        series.flatMap(\.values).compactMap(\.value).count { !$0.isDrawable }
            + (reference?.values ?? []).compactMap(\.self).count { !$0.isDrawable }
    }

    /// The axis at the bottom, which has the 0 that bars begin at.
    package var axis: PlotAxis {
        let ends = bars.flatMap { bar in
            [bar.value] + (bar.interval.map { [$0.lowerBound, $0.upperBound] } ?? [])
        }
        let compared = (reference?.values ?? []).compactMap(\.self).filter(\.isDrawable)
        let values = ends + compared + [0]
        return PlotAxis(
            .linear,
            over: values,
            fixed: range,
            padding: (values.min() ?? 0) < 0 ? 0.12 : 0.02,
            style: style
        )
    }
}

extension BarChart.Value {
    fileprivate var interval: ClosedRange<Double>? {
        guard let lower, let upper, lower.isDrawable, upper.isDrawable, lower <= upper else {
            return nil
        }
        return lower...upper
    }
}
