/// How the kernels reach a tensor's memory. Nothing outside this module sees a pointer.
extension Tensor {
    /// A tensor whose memory `body` fills completely.
    @unsafe
    init(filling shape: [Int], _ body: (UnsafeMutablePointer<Float>) -> Void) {
        let storage = Storage(uninitialized: shape.reduce(1, *))
        if let pointer = unsafe storage.buffer.baseAddress { unsafe body(pointer) }
        self.init(shape: shape, storage: storage)
    }

    /// The elements, valid while this tensor lives: callers hold it across the use.
    @unsafe
    var pointer: UnsafePointer<Float> {
        // A storage always has an address: it allocates at least one element.
        unsafe UnsafePointer(storage.buffer.baseAddress.unsafelyUnwrapped)
    }

    /// The elements for writing in place; copies them first where they are shared.
    @unsafe
    mutating func withMutablePointer<R>(_ body: (UnsafeMutablePointer<Float>) -> R) -> R {
        if !isKnownUniquelyReferenced(&storage) {
            let (source, count) = unsafe (pointer, count)
            let copy = unsafe Tensor(filling: shape) {
                unsafe $0.update(from: source, count: count)
            }
            storage = copy.storage
        }
        return unsafe body(storage.buffer.baseAddress.unsafelyUnwrapped)
    }
}
