extension Tensor {
    /// The square patches of pictures as rows, behind so many rows of zeros for each picture.
    ///
    /// The rows of zeros are for tokens that a model puts before the patches: the product with the
    /// weight of a patch projection then lays all rows of a picture where they belong. Pixels at
    /// the right and lower edges that fill no patch are left out, as by a convolution.
    ///
    /// # Shapes
    /// `[pictures, channels, height, width]` to
    /// `[pictures · (leading + patches), channels · size · size]`, the patches line by line.
    public func patches(size: Int, leading: Int = 0) -> Tensor {
        precondition(shape.count == 4 && size > 0, "patches of \(size) in \(shape)")
        let (pictures, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
        let (lines, columns) = (height / size, width / size)
        let row = channels * size * size
        let rows = leading + lines * columns
        // Every row is written once, and read from inside its picture: the last patch ends before
        // the edges.
        return unsafe Tensor(filling: [pictures * rows, row]) { out in
            for picture in 0..<pictures {
                let target = unsafe out + picture * rows * row
                unsafe target.update(repeating: 0, count: leading * row)
                for patch in 0..<lines * columns {
                    var to = unsafe target + (leading + patch) * row
                    let corner = patch / columns * size * width + patch % columns * size
                    for channel in 0..<channels {
                        let plane = (picture * channels + channel) * height * width
                        for line in 0..<size {
                            let from = unsafe pointer + plane + corner + line * width
                            unsafe to.update(from: from, count: size)
                            unsafe to += size
                        }
                    }
                }
            }
        }
    }
}
