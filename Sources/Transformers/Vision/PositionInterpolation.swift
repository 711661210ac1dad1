internal import Foundation
internal import Tensors

extension PatchGrid {
    /// The weights that make a table of positions for this grid out of one for another.
    ///
    /// Bicubic interpolation as PyTorch's `interpolate` computes it without `align_corners` and
    /// without antialiasing: the positions of pixels are their centres, and beyond an edge the
    /// edge goes on. Rows of leading tokens keep their positions.
    ///
    /// # Shapes
    /// `[leading + patches, leading + patches of the other]`; a row has 16 weights at most.
    func interpolation(from other: PatchGrid, leading: Int) -> Tensor {
        let vertical = CubicWeights(from: other.lines, to: lines)
        let horizontal = CubicWeights(from: other.columns, to: columns)
        let width = leading + other.count
        var weights = [Float](repeating: 0, count: (leading + count) * width)
        for token in 0..<leading { weights[token * width + token] = 1 }
        for line in 0..<lines {
            for column in 0..<columns {
                let row = (leading + line * columns + column) * width + leading
                for (y, down) in vertical[line] {
                    for (x, across) in horizontal[column] {
                        weights[row + y * other.columns + x] += Float(down * across)
                    }
                }
            }
        }
        return Tensor([leading + count, width], weights)
    }
}

/// How samples along a line are made of the samples of a line of another length.
private struct CubicWeights {
    let from, to: Int

    /// The samples that the one at `index` is made of, and how much of each.
    subscript(index: Int) -> [(sample: Int, weight: Double)] {
        let centre = (Double(index) + 0.5) * Double(from) / Double(to) - 0.5
        let base = centre.rounded(.down)
        let t = centre - base
        return (-1...2).map { step in
            let sample = min(max(Int(base) + step, 0), from - 1)
            return (sample, Self.kernel(abs(t - Double(step))))
        }
    }

    /// Keys' cubic convolution (1981) with PyTorch's a = −0.75.
    private static func kernel(_ x: Double) -> Double {
        let a = -0.75
        return x <= 1
            ? ((a + 2) * x - (a + 3)) * x * x + 1
            : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    }
}
