extension Tensor {
    /// A tensor with a shape but no meaningful elements; its memory is never touched.
    ///
    /// For asking what a model is made of without paying for its size. Reading elements is safe but
    /// tells nothing.
    public static func untouched(_ shape: [Int]) -> Tensor {
        Tensor(shape: shape, storage: Storage(uninitialized: shape.reduce(1, *)))
    }
}
