internal import CImages

extension Picture {
    /// This picture with every row made of `weights.outputs` pixels.
    func resamplingRows(_ weights: AxisWeights) -> Picture {
        var scratch = [UInt8](repeating: 0, count: width * 4)
        var target = [UInt8](repeating: 0, count: height * weights.outputs * 3)
        // The weights are made for `width` inputs and lie inside them.
        unsafe pixels.withUnsafeBufferPointer { source in
            unsafe scratch.withUnsafeMutableBufferPointer { scratch in
                unsafe target.withUnsafeMutableBufferPointer { target in
                    // No array is empty, as no picture is.
                    guard let from = source.baseAddress, let row = scratch.baseAddress,
                        let to = target.baseAddress
                    else { return }
                    unsafe weights.withCWeights { weights in
                        unsafe mgi_resample_rows(height, width, from, weights, row, to)
                    }
                }
            }
        }
        return Picture(height: height, width: weights.outputs, pixels: target)
    }

    /// This picture with every column made of `weights.outputs` pixels.
    func resamplingColumns(_ weights: AxisWeights) -> Picture {
        var target = [UInt8](repeating: 0, count: weights.outputs * width * 3)
        // The weights are made for `height` inputs and lie inside them.
        unsafe pixels.withUnsafeBufferPointer { source in
            unsafe target.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                unsafe weights.withCWeights { weights in
                    unsafe mgi_resample_columns(width * 3, from, weights, to)
                }
            }
        }
        return Picture(height: weights.outputs, width: width, pixels: target)
    }
}

extension AxisWeights {
    /// The weights as C sees them, for the time of the call.
    fileprivate func withCWeights(_ body: (mgi_weights) -> Void) {
        unsafe starts.withUnsafeBufferPointer { starts in
            unsafe counts.withUnsafeBufferPointer { counts in
                unsafe weights.withUnsafeBufferPointer { weights in
                    guard let first = starts.baseAddress, let number = counts.baseAddress,
                        let factors = weights.baseAddress
                    else { return }
                    unsafe body(
                        mgi_weights(
                            outputs: starts.count,
                            taps: taps,
                            starts: first,
                            counts: number,
                            weights: factors
                        )
                    )
                }
            }
        }
    }
}
