public import Merging
package import Presentation

extension TaskVectorRelations {
    /// Heat maps of one measure, as SVG: of all models with each other, and of every pair by layer.
    public func drawing(of measure: VectorMeasure) -> String {
        let maps = heatMaps(of: measure)
        return HeatMap.drawing(maps, scale: HeatMap.Scale(measure, over: maps))
    }

    /// What is drawn.
    package func heatMaps(of measure: VectorMeasure) -> [HeatMap] {
        var square = HeatMap(
            title: "\(measure.title), all \(NumberText.grouped(overall.entries)) entries",
            rows: models,
            columns: models,
            values: models.map { _ in models.map { _ in nil } }
        )
        for pair in overall.pairs {
            guard let i = models.firstIndex(of: pair.first),
                let j = models.firstIndex(of: pair.second)
            else { continue }
            square.values[i][j] = measure.value(of: pair)
            square.values[j][i] = measure.value(of: pair)
        }
        let layers = HeatMap(
            title: "\(measure.title), by layer",
            rows: layers.map(\.name),
            columns: overall.pairs.map { "\($0.first) – \($0.second)" },
            values: layers.map { $0.pairs.map(measure.value) }
        )
        return [square, layers]
    }
}

extension HeatMap.Scale {
    /// The scale of a measure that reaches just over what there is of it.
    init(_ measure: VectorMeasure, over maps: [HeatMap]) {
        let largest = maps.flatMap(\.values).joined().compactMap(\.self).map(abs).max() ?? 0
        let steps = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75]
        self.init(limit: steps.first { largest <= $0 } ?? 1, isSigned: measure == .cosine)
    }
}
