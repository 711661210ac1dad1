internal import Glibc

/// How the colour of a resized pixel is made of its neighbours'.
///
/// The numbers are Pillow's, as the key `resample` has them.
public enum ResamplingFilter: Int, Sendable, CaseIterable {
    /// The nearest pixel.
    case nearest = 0
    /// A sinc windowed by a wider one.
    case lanczos = 1
    /// A triangle.
    case bilinear = 2
    /// Keys's cubic with a = -0.5.
    case bicubic = 3
    /// The mean of the pixels that a resized pixel covers.
    case box = 4
    /// A sinc under Hamming's window.
    case hamming = 5
}

extension ResamplingFilter {
    /// How far the kernel reaches, in pixels of the smaller picture.
    var support: Double {
        switch self {
        case .nearest: 0
        case .box: 0.5
        case .bilinear, .hamming: 1
        case .bicubic: 2
        case .lanczos: 3
        }
    }

    /// The kernel at a distance, before normalisation.
    func kernel(_ x: Double) -> Double {
        switch self {
        case .nearest: 0
        case .box: x > -0.5 && x <= 0.5 ? 1 : 0
        case .bilinear: max(1 - abs(x), 0)
        case .hamming: Self.hamming(abs(x))
        case .bicubic: Self.cubic(abs(x))
        case .lanczos: -3 <= x && x < 3 ? Self.sinc(x) * Self.sinc(x / 3) : 0
        }
    }

    private static func sinc(_ x: Double) -> Double {
        x == 0 ? 1 : sin(x * .pi) / (x * .pi)
    }

    private static func hamming(_ x: Double) -> Double {
        if x == 0 { return 1 }
        return x < 1 ? sin(x * .pi) / (x * .pi) * (0.54 + 0.46 * cos(x * .pi)) : 0
    }

    private static func cubic(_ x: Double) -> Double {
        let a = -0.5
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    }
}
