extension Picture {
    /// This picture at another size, to the bit as Pillow (up to version 12) resizes 8-bit pictures.
    ///
    /// First the rows, then the columns, the picture between them rounded to 8 bits; an axis whose
    /// length stays is left alone. Memory: the picture between has the old height and the new width.
    public func resized(height: Int, width: Int, filter: ResamplingFilter) -> Picture {
        precondition(height > 0 && width > 0, "\(height) × \(width) is no picture")
        if filter == .nearest { return nearest(height: height, width: width) }
        var picture = self
        if width != self.width {
            let weights = AxisWeights(from: self.width, to: width, filter)
            picture = picture.resamplingRows(weights)
        }
        if height != self.height {
            let weights = AxisWeights(from: self.height, to: height, filter)
            picture = picture.resamplingColumns(weights)
        }
        return picture
    }

    private func nearest(height: Int, width: Int) -> Picture {
        let rows = nearestInputs(from: self.height, to: height)
        let columns = nearestInputs(from: self.width, to: width)
        var resized: [UInt8] = []
        resized.reserveCapacity(height * width * 3)
        for row in rows {
            for column in columns {
                let source = (row * self.width + column) * 3
                resized.append(contentsOf: pixels[source..<source + 3])
            }
        }
        return Picture(height: height, width: width, pixels: resized)
    }
}

/// The input nearest to each output; the steps are added up, because Pillow's rounding is theirs.
private func nearestInputs(from inputs: Int, to outputs: Int) -> [Int] {
    let scale = Double(inputs) / Double(outputs)
    var position = scale * 0.5
    return (0..<outputs).map { _ in
        defer { position += scale }
        return min(Int(position), inputs - 1)
    }
}
