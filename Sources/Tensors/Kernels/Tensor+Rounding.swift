extension Tensor {
    /// What remains of the elements after a file format has held them.
    package func rounded(by encoder: FloatEncoder, _ decoder: FloatDecoder) -> Tensor {
        precondition(encoder.size == decoder.size, "one format")
        var bytes = [UInt8](repeating: 0, count: count * encoder.size)
        withSpan { elements in
            var target = bytes.mutableSpan
            encoder(elements, into: &target)
        }
        return Tensor(shape) { output in
            // Bytes have no alignment and no invalid patterns.
            unsafe decoder(bytes.span.bytes, appendingTo: &output)
        }
    }
}
