internal import COpenBLAS
internal import CKernels

/// A matrix inside a tensor's memory: where it starts and how far apart its rows are.
@unsafe
struct MatrixView {
    let start: UnsafePointer<Float>
    let stride: Int
    let transposed: Bool

    init(_ start: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
        unsafe self.start = start
        unsafe self.stride = stride
        unsafe self.transposed = transposed
    }
}

/// OpenBLAS, told once to stay on the calling thread.
///
/// Merganser's parallelism is over micro-batches, each calling single-threaded products: no
/// barriers inside a step, and the same bits for any number of threads.
enum BLAS {
    /// Whether it was told so: true once that is done.
    static let isReady: Bool = {
        openblas_set_num_threads(1)
        return true
    }()

    /// C ← α · A·B + β · C for C of `m` rows and `n` columns, summing over `k`.
    @unsafe
    static func multiply(
        _ a: MatrixView,
        _ b: MatrixView,
        into c: UnsafeMutablePointer<Float>,
        stride: Int,
        m: Int,
        n: Int,
        k: Int,
        alpha: Float = 1,
        beta: Float = 0
    ) {
        guard isReady, m > 0, n > 0 else { return }
        unsafe cblas_sgemm(
            CblasRowMajor,
            a.transposed ? CblasTrans : CblasNoTrans,
            b.transposed ? CblasTrans : CblasNoTrans,
            Int32(m),
            Int32(n),
            Int32(k),
            alpha,
            a.start,
            Int32(max(a.stride, 1)),
            b.start,
            Int32(max(b.stride, 1)),
            beta,
            c,
            Int32(max(stride, 1))
        )
    }

    /// C ← XᵀX, the upper triangle of it, for X of `rows` rows of `width` elements.
    @unsafe
    static func gram(
        _ x: UnsafePointer<Float>,
        rows: Int,
        width: Int,
        into c: UnsafeMutablePointer<Float>
    ) {
        guard isReady, width > 0 else { return }
        unsafe cblas_ssyrk(
            CblasRowMajor,
            CblasUpper,
            CblasTrans,
            Int32(width),
            Int32(rows),
            1,
            x,
            Int32(width),
            0,
            c,
            Int32(width)
        )
    }

    /// The name of the kernel that OpenBLAS chose for this processor, such as `SkylakeX`.
    static var kernelName: String { unsafe String(cString: openblas_get_corename()) }
}

/// What the linear algebra library runs on here.
public enum LinearAlgebra {
    /// The kernel that OpenBLAS chose for this processor, such as `SkylakeX` or `Haswell`.
    public static var kernel: String { BLAS.kernelName }
    /// The version and build options of OpenBLAS.
    public static var configuration: String { unsafe String(cString: openblas_get_config()) }
}
