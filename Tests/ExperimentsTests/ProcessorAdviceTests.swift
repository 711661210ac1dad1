import Experiments
import Testing

@Suite struct `Advice on the processor` {
    private let wide = "processor : 0\nflags\t\t: fpu avx2 avx512f avx512dq avx512bw avx512vl\n"

    @Test func `is given where the kernel is older than the processor`() {
        #expect(
            ProcessorAdvice.sentence(kernel: "Haswell", processors: wide, coreType: nil)
                == "OpenBLAS uses its Haswell kernel although this processor has AVX-512; "
                + "set OPENBLAS_CORETYPE=SkylakeX to compute faster."
        )
        #expect(
            ProcessorAdvice.sentence(kernel: "Zen", processors: wide, coreType: "Zen")
                == "OpenBLAS uses its Zen kernel although this processor has AVX-512; "
                + "unset OPENBLAS_CORETYPE, which is Zen, to compute faster."
        )
    }

    @Test(arguments: [
        ("SkylakeX", "flags : avx512f avx512dq avx512bw avx512vl"), ("Haswell", "flags : avx2"),
        ("Haswell", ""),
    ])
    func `is not given where all is well`(kernel: String, processors: String) {
        let advice = ProcessorAdvice.sentence(
            kernel: kernel,
            processors: processors,
            coreType: nil
        )
        #expect(advice == nil)
    }
}
