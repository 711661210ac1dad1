internal import Glibc

/// Elementwise steps of methods that weigh votes.
extension Tensor {
    /// 1 where an element is not zero, else 0.
    public var isNonzero: Tensor { map { $0 == 0 ? 0 : 1 } }

    /// 1 where an element is some number, else 0.
    public func equals(_ number: Float) -> Tensor { map { $0 == number ? 1 : 0 } }

    /// 1 where an element is at least some number, else 0.
    public func reaches(_ number: Float) -> Tensor { map { $0 >= number ? 1 : 0 } }

    /// 1 where an element is larger in magnitude than some factor times the other, else 0.
    public func exceeds(_ other: Tensor, times factor: Float) -> Tensor {
        zipped(with: other) { abs($0) > factor * abs($1) ? 1 : 0 }
    }

    /// Every element without its sign.
    public var magnitudes: Tensor { map { abs($0) } }

    /// The share of each element that is within a reach: `reach / |x|`, from 0 to 1.
    ///
    /// Elements smaller than `least` count as that.
    public func shares(within reach: Float, atLeast least: Float) -> Tensor {
        map { min(max(reach / max(abs($0), least), 0), 1) }
    }

    /// Of each pair of elements the one that is larger in magnitude.
    public func largerInMagnitude(_ other: Tensor) -> Tensor {
        zipped(with: other) { abs($1) > abs($0) ? $1 : $0 }
    }

    /// Every element moved to the nearest point of a range; NaN stays.
    public func clamped(to range: ClosedRange<Float>) -> Tensor {
        let (least, largest) = (range.lowerBound, range.upperBound)
        return map { $0 < least ? least : $0 > largest ? largest : $0 }
    }

    /// Every element with its magnitude moved to the nearest point of a range; 0 stays.
    public func clampingMagnitudes(to range: ClosedRange<Float>) -> Tensor {
        map { x in
            let size = min(max(abs(x), range.lowerBound), range.upperBound)
            return x == 0 ? x : x < 0 ? -size : size
        }
    }

    /// Where each element lies in a range, from 0 to 1; 0 in a range of one point.
    public func places(in range: ClosedRange<Float>) -> Tensor {
        let (low, width) = (range.lowerBound, range.upperBound - range.lowerBound)
        return map { width > 0 ? min(max(($0 - low) / width, 0), 1) : 0 }
    }

    /// Where the magnitude of each element lies in a range, from 0 to 1, with the element's sign.
    public func placesOfMagnitudes(in range: ClosedRange<Float>) -> Tensor {
        let (low, width) = (range.lowerBound, range.upperBound - range.lowerBound)
        return map { x in
            let place = width > 0 ? min(max((abs(x) - low) / width, 0), 1) : 0
            return x == 0 ? 0 : x < 0 ? -place : place
        }
    }

    /// `exp(factor·x + shift)` of every element.
    public func exponentials(_ factor: Float, _ shift: Float) -> Tensor {
        map { Float(exp(Double(factor) * Double($0) + Double(shift))) }
    }

    /// The least and the largest element; 0 where there is none.
    public var bounds: ClosedRange<Float> {
        withSpan { span in
            guard span.count > 0 else { return 0...0 }
            var (least, largest) = (span[0], span[0])
            for i in span.indices {
                least = min(least, span[i])
                largest = max(largest, span[i])
            }
            return least...max(least, largest)
        }
    }

    /// `exp(n·p²) · tanh(x·sum)`, where `p` is the place of `|x|` in a range: how an element holds out
    /// against `n` vectors with that sum (arXiv:2410.02396).
    public func competitionScores(
        of range: ClosedRange<Float>,
        among n: Int,
        sum: Tensor
    ) -> Tensor {
        let (low, width) = (Double(range.lowerBound), Double(range.upperBound - range.lowerBound))
        return zipped(with: sum) { x, sum in
            let size = abs(Double(x)) - low
            let place = width > 0 ? min(max(size / width, 0), 1) : 0
            return Float(exp(Double(n) * place * place) * tanh(Double(x) * Double(sum)))
        }
    }

    @inline(__always)
    private func map(_ transform: (Float) -> Float) -> Tensor {
        withSpan { span in
            Tensor(shape) { output in
                for i in span.indices { output.append(transform(span[i])) }
            }
        }
    }

    @inline(__always)
    private func zipped(with other: Tensor, _ transform: (Float, Float) -> Float) -> Tensor {
        precondition(count == other.count, "\(shape) and \(other.shape)")
        return withSpan { a in
            other.withSpan { b in
                Tensor(shape) { output in
                    for i in a.indices { output.append(transform(a[i], b[i])) }
                }
            }
        }
    }
}
