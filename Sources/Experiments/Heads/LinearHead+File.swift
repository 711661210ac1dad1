internal import Checkpoints
internal import Foundation
internal import Tensors

extension LinearHead {
    /// Reads a head: a safetensors file with `weight` `[classes, width]` and perhaps `bias`
    /// `[classes]`.
    ///
    /// - Throws: an error that names the file, the tensor, what was expected and what was found.
    init(file path: String, similarity: TaskHead.Similarity) throws {
        let file = try Checkpoint(at: URL(filePath: path))
        guard let weight = file["weight"] else {
            throw HeadError.noWeight(file: path, found: file.names)
        }
        guard weight.shape.count == 2, weight.shape.allSatisfy({ $0 > 0 }) else {
            throw HeadError.shape(
                file: path,
                tensor: "weight",
                expected: "[classes, width]",
                found: weight.shape
            )
        }
        let bias = file["bias"]
        if let bias {
            guard similarity == .dot else { throw HeadError.biasBesideCosine(file: path) }
            guard bias.shape == [weight.shape[0]] else {
                throw HeadError.shape(
                    file: path,
                    tensor: "bias",
                    expected: "[\(weight.shape[0])], one number for each row of weight",
                    found: bias.shape
                )
            }
        }
        for view in [weight, bias].compactMap(\.self) {
            if let position = try view.nonFinite() {
                throw HeadError.notFinite(file: path, tensor: view.name, position: position)
            }
        }
        self.init(
            try weight.tensor(),
            bias: try bias?.tensor(),
            similarity: similarity,
            named: path
        )
        if similarity == .cosine { try checkDirections() }
    }

    /// Throws where a row has no direction to compare with.
    private func checkDirections() throws {
        let (elements, width) = (weight.elements, weight.rowWidth)
        for row in 0..<weight.shape[0] {
            let isZero = elements[row * width..<(row + 1) * width].allSatisfy { $0 == 0 }
            if isZero { throw HeadError.zeroRow(file: name, row: row) }
        }
    }
}
