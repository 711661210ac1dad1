/// The weights by which one axis of a picture is resampled, as Pillow computes them.
///
/// Output `i` is the sum of `counts[i]` inputs from `starts[i]` on, with the weights from `i · taps`
/// on, in units of 2⁻²².
struct AxisWeights {
    let taps: Int
    private(set) var starts: [Int32] = []
    private(set) var counts: [Int32] = []
    private(set) var weights: [Int32]

    /// The number of outputs.
    var outputs: Int { starts.count }

    /// The weights that make `outputs` samples of `inputs`.
    init(from inputs: Int, to outputs: Int, _ filter: ResamplingFilter) {
        let scale = Double(inputs) / Double(outputs)
        let stretch = max(scale, 1)
        let radius = filter.support * stretch
        taps = Int(radius.rounded(.up)) * 2 + 1
        weights = [Int32](repeating: 0, count: outputs * taps)
        for output in 0..<outputs {
            let center = (Double(output) + 0.5) * scale
            let first = max(Int(center - radius + 0.5), 0)
            let end = min(Int(center + radius + 0.5), inputs)
            let row = (first..<end).map { input in
                filter.kernel((Double(input) - center + 0.5) * (1 / stretch))
            }
            let sum = row.reduce(0, +)
            for (position, weight) in row.enumerated() {
                let normalized = sum == 0 ? weight : weight / sum
                weights[output * taps + position] = Self.fixedPoint(normalized)
            }
            starts.append(Int32(first))
            counts.append(Int32(row.count))
        }
    }

    /// Rounds to a multiple of 2⁻²², halves away from zero.
    private static func fixedPoint(_ weight: Double) -> Int32 {
        Int32(weight * Double(1 << 22) + (weight < 0 ? -0.5 : 0.5))
    }
}
