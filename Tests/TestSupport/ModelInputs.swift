public import Checkpoints
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
