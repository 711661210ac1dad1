internal import Checkpoints
internal import Tensors

/// One picture of a tensor `pixel_values` `[pictures, channels, height, width]`, read when asked for.
public struct PixelRow: Sendable {
    private let tensor: TensorView
    private let row: Int

    init(_ row: Int, of tensor: TensorView) { (self.tensor, self.row) = (tensor, row) }

    /// `[channels, height, width]`.
    var shape: [Int] { Array(tensor.shape.dropFirst()) }

    /// Reads the pixel values, `[channels, height, width]`.
    func values() throws(CheckpointError) -> Tensor {
        let size = shape.reduce(1, *)
        return try tensor.tensor(of: row * size..<(row + 1) * size).reshaped(shape)
    }

    /// What tells this picture from another: its place in one file, or else its pixels.
    private var bytes: [UInt8] {
        let size = tensor.byteCount / max(tensor.shape[0], 1)
        return (try? tensor.bytes(row * size..<(row + 1) * size)) ?? []
    }
}

extension PixelRow: Hashable {
    /// Whether two pictures have the same pixels.
    public static func == (a: PixelRow, b: PixelRow) -> Bool {
        if a.tensor.fileName == b.tensor.fileName, a.tensor.name == b.tensor.name, a.row == b.row {
            return true
        }
        return a.shape == b.shape && a.bytes == b.bytes
    }

    /// Equal pictures have equal first bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(shape)
        hasher.combine(bytes.prefix(256))
    }
}
