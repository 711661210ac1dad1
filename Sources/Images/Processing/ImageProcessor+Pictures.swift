public import Tensors

extension ImageProcessor {
    /// The pixel values of a picture, `[3, height, width]`.
    public func callAsFunction(_ picture: Picture) throws(ProcessorError) -> Tensor {
        let cropped = try cropped(picture)
        return Tensor([3, cropped.height, cropped.width]) { output in
            append(cropped, to: &output)
        }
    }

    /// The picture after resizing and cropping, still in 8 bits: the costly part of the work, which
    /// may be done for several pictures at once.
    public func cropped(_ picture: Picture) throws(ProcessorError) -> Picture {
        var result = picture
        if let (size, filter) = resize {
            let (height, width) = size.applied(to: picture)
            // The rows come first, all of them: the picture between the steps may be the larger.
            let tallest = max(height, picture.height)
            let (pixels, isTooMany) = tallest.multipliedReportingOverflow(by: width)
            guard !isTooMany, pixels <= limits.pixels else {
                throw .tooLarge(height: tallest, width: width, limit: limits.pixels)
            }
            result = result.resized(height: height, width: width, filter: filter)
        }
        if let crop { result = result.centerCrop(height: crop.height, width: crop.width) }
        return result
    }

    /// The pixel values of pictures that `cropped` has made, `[pictures, 3, height, width]`.
    public func batch(_ cropped: [Picture]) throws(ProcessorError) -> Tensor {
        guard let first = cropped.first else { return Tensor([0, 3, 0, 0], []) }
        let size = [first.height, first.width]
        for picture in cropped where [picture.height, picture.width] != size {
            throw .unequalSizes(first: size, other: [picture.height, picture.width])
        }
        return Tensor([cropped.count, 3] + size) { output in
            for picture in cropped { append(picture, to: &output) }
        }
    }

    /// Appends the pixel values `[3, height, width]` of a picture that `cropped` has made.
    ///
    /// For writing a long batch picture by picture into one tensor, without a copy.
    public func append(_ cropped: Picture, to output: inout OutputSpan<Float>) {
        let pixels = cropped.pixels.span
        let values = values.span
        for channel in 0..<3 {
            for position in stride(from: channel, to: pixels.count, by: 3) {
                output.append(values[channel << 8 | Int(pixels[position])])
            }
        }
    }
}
