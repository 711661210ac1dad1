internal import Tasks
internal import Tensors
internal import Transformers

/// Some examples that go through the model together.
struct ForwardPiece: Sendable {
    /// The examples, ascending, by their position among all.
    let examples: [Int]
    /// What the model reads of them, in that order.
    let input: ModelInput

    /// The rows of each example's tokens, those of texts padded with zeros: `[length, width]`.
    func padded(_ value: Tensor, length: Int) -> [Tensor] {
        guard case .tokens(let tokens) = input else {
            return examples.indices.map { index in
                value.rows((index * length..<(index + 1) * length).map(Int32.init))
            }
        }
        let offsets = tokens.sequences.offsets
        return examples.indices.map { index in
            let text = TokenBatch([index], of: tokens)
            let rows = value.rows((offsets[index]..<offsets[index + 1]).map(Int32.init))
            return text.padded(text.hidingMasked(rows), length: length)
        }
    }

    /// The rows of real tokens out of those of padded examples, which lie one behind the other.
    func gathered(_ rows: Tensor, length: Int) -> Tensor {
        guard case .tokens(let tokens) = input else { return rows }
        return tokens.hidingMasked(tokens.gathered(rows, length: length))
    }
}

extension TokenBatch {
    /// Rows of tokens, those of masked tokens being zero, as where padding was never computed.
    fileprivate func hidingMasked(_ rows: Tensor) -> Tensor {
        guard let visible else { return rows }
        return rows.scalingRows(by: Tensor([visible.count], visible.map { $0 ? 1 : 0 }))
    }
}
