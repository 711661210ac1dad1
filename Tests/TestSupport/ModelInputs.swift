public import Checkpoints
public import Tensors
public import Transformers

extension TokenBatch {
    /// The padded inputs of a reference case.
    public init(reference file: Checkpoint) throws {
        let ids = try file.view("input_ids")
        self.init(
            padded: try ids.integers().map(Int32.init),
            length: ids.shape[1],
            mask: try file["attention_mask"]?.integers().map { $0 != 0 },
            typeIDs: try file["token_type_ids"]?.integers().map(Int32.init)
        )
    }
}

extension ModelInput {
    /// The inputs of a reference case: texts, pictures, or both.
    public init(reference file: Checkpoint) throws {
        guard let pixels = try file["pixel_values"]?.tensor() else {
            self = .tokens(try TokenBatch(reference: file))
            return
        }
        let hasTexts = file["input_ids"] != nil
        self =
            try hasTexts ? .pair(pixels: pixels, tokens: .init(reference: file)) : .pixels(pixels)
    }

    /// The rows of tokens as a matrix of padded texts has them; pictures have no padding.
    public func padded(_ rows: Tensor, length: Int) -> Tensor {
        guard case .tokens(let batch) = self else { return rows }
        return batch.padded(rows, length: length)
    }

    /// The rows of tokens out of a matrix of padded texts.
    public func gathered(_ rows: Tensor, length: Int) -> Tensor {
        guard case .tokens(let batch) = self else { return rows }
        return batch.gathered(rows, length: length)
    }
}
