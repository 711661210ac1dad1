/// Elementwise steps of methods that weigh votes.
extension Tensor {
    /// 1 where an element is not zero, else 0.
    public var isNonzero: Tensor { map { $0 == 0 ? 0 : 1 } }

    /// 1 where an element is some number, else 0.
    public func equals(_ number: Float) -> Tensor { map { $0 == number ? 1 : 0 } }

    /// 1 where an element is at least some number, else 0.
    public func reaches(_ number: Float) -> Tensor { map { $0 >= number ? 1 : 0 } }

    /// Every element without its sign.
    public var magnitudes: Tensor { map { abs($0) } }

    /// The share of each element that is within a reach: `reach / |x|`, from 0 to 1.
    ///
    /// Elements smaller than `least` count as that.
    public func shares(within reach: Float, atLeast least: Float) -> Tensor {
        map { min(max(reach / max(abs($0), least), 0), 1) }
    }

    /// The quotient; a divisor of 0 counts as 1.
    public func divided(by divisor: Tensor) -> Tensor {
        zipped(with: divisor) { $1 == 0 ? $0 : $0 / $1 }
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
