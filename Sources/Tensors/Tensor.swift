/// A dense array of `Float`, in row-major order.
///
/// A value: copies share memory, and nothing that one holder does is seen by another. All numbers
/// are float32; other formats belong to files and are converted at that border.
public struct Tensor: Sendable {
    /// The length of each dimension, outermost first; `[]` for a scalar.
    public let shape: [Int]
    /// The number of elements.
    public let count: Int
    var storage: Storage

    init(shape: [Int], storage: Storage) {
        self.shape = shape
        count = shape.reduce(1, *)
        self.storage = storage
        precondition(storage.count == count, "\(shape) does not hold the storage's elements")
    }

    /// A tensor whose elements `body` appends in row-major order.
    public init<E: Error>(
        _ shape: [Int],
        initializing body: (inout OutputSpan<Float>) throws(E) -> Void
    ) throws(E) {
        let storage = Storage(uninitialized: shape.reduce(1, *))
        var output = unsafe OutputSpan(buffer: storage.buffer, initializedCount: 0)
        try body(&output)
        let initialized = unsafe output.finalize(for: storage.buffer)
        precondition(initialized == storage.count, "a tensor's elements were left out")
        self.init(shape: shape, storage: storage)
    }

    /// A tensor of the given elements in row-major order.
    public init(_ shape: [Int], _ elements: [Float]) {
        precondition(elements.count == shape.reduce(1, *), "\(elements.count) elements in \(shape)")
        self.init(shape) { output in for element in elements { output.append(element) } }
    }

    /// A tensor that holds one number everywhere.
    public init(_ shape: [Int], repeating element: Float) {
        self.init(shape) { output in output.append(repeating: element, count: output.capacity) }
    }

    /// A scalar.
    public init(_ scalar: Float) { self.init([], [scalar]) }

    /// A tensor of zeros.
    public static func zeros(_ shape: [Int]) -> Tensor { Tensor(shape, repeating: 0) }

    /// Reads the elements in row-major order.
    public func withSpan<R, E: Error>(_ body: (Span<Float>) throws(E) -> R) throws(E) -> R {
        try storage.withSpan(body)
    }

    /// The element at a row-major position.
    ///
    /// For tests and scalars; loops read a span.
    public subscript(position: Int) -> Float { storage.withSpan { $0[position] } }

    /// The elements in row-major order, copied.
    public var elements: [Float] {
        storage.withSpan { span in span.indices.map { span[$0] } }
    }

    /// The same elements under another shape of the same count.
    public func reshaped(_ shape: [Int]) -> Tensor { Tensor(shape: shape, storage: storage) }
}

extension Tensor {
    /// Whether this is the same memory under the same shape: surely equal, without a look.
    package func isSame(as other: Tensor) -> Bool {
        storage === other.storage && shape == other.shape
    }
}
