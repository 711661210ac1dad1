internal import Foundation
internal import Tensors

/// Says when linear algebra runs slower than the processor could.
public enum ProcessorAdvice {
    /// One sentence for this machine; `nil` where all is well.
    public static var sentence: String? {
        sentence(
            kernel: LinearAlgebra.kernel,
            processors: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "",
            coreType: ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"]
        )
    }

    /// Compares OpenBLAS' kernel with the instructions that Linux lists in `/proc/cpuinfo`.
    package static func sentence(
        kernel: String,
        processors: String,
        coreType: String?
    ) -> String? {
        let flags = processors.split(separator: "\n").first { $0.hasPrefix("flags") }?
            .split(separator: " ")
        let wide = ["avx512f", "avx512bw", "avx512dq", "avx512vl"]
        guard let flags, wide.allSatisfy({ flags.contains(Substring($0)) }),
            ["haswell", "zen", "sandybridge"].contains(kernel.lowercased())
        else { return nil }
        let remedy =
            coreType.map { "unset OPENBLAS_CORETYPE, which is \($0)," }
            ?? "set OPENBLAS_CORETYPE=SkylakeX"
        return "OpenBLAS uses its \(kernel) kernel although this processor has AVX-512; \(remedy) "
            + "to compute faster."
    }
}
