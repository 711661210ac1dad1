internal import Checkpoints
internal import FoundationEssentials

/// Inputs that are encoded already, in safetensors: `pixel_values` [examples, channels, height,
/// width], or `input_ids` [examples, length] and beside them `attention_mask`, `token_type_ids` in
/// the same shape; and `labels` [examples].
struct TensorFile: DatasetFormat {
    let name = "safetensors"
    let pathExtensions = ["safetensors"]
    let labelField = "labels"

    func holdsPictures(_ file: URL) throws -> Bool {
        try Checkpoint(at: file)["pixel_values"] != nil
    }

    func records(of file: URL, _ fields: Fields) throws -> Records {
        let tensors = try Checkpoint(at: file)
        if let pixels = tensors["pixel_values"], !fields.prefersTexts {
            return try pictures(pixels, in: tensors, of: file, fields)
        }
        let rows = try TokenRows(tensors, of: file)
        let labels = try fields.label.flatMap {
            try tensors.integers($0, shape: [rows.count], in: file)
        }
        var records = Records(place: .row)
        for row in 0..<rows.count {
            do throws(LineProblem) {
                let label = labels.map { Label.index(Int($0[row])) }
                records.all.append(
                    Record(input: .tokens(try rows.row(row)), label: label, line: row)
                )
            } catch {
                records.faults.add(error, at: row)
            }
        }
        return records
    }
}

extension TensorFile {
    private func pictures(
        _ pixels: TensorView,
        in tensors: Checkpoint,
        of file: URL,
        _ fields: Fields
    ) throws -> Records {
        guard pixels.shape.count == 4, pixels.shape.dropFirst().allSatisfy({ $0 > 0 }) else {
            throw DataError.tensor(
                file.path,
                name: pixels.name,
                expected: "a tensor [examples, channels, height, width]",
                found: "\(pixels.shape.prefix(8))"
            )
        }
        let labels = try fields.label.flatMap {
            try tensors.integers($0, shape: [pixels.shape[0]], in: file)
        }
        var records = Records(place: .row)
        records.all = (0..<pixels.shape[0]).map { row in
            Record(
                input: .pixels(PixelRow(row, of: pixels)),
                label: labels.map { .index(Int($0[row])) },
                line: row
            )
        }
        return records
    }
}

/// Token ids and what accompanies them, as a file has them.
private struct TokenRows {
    let count: Int
    private let length: Int
    private let ids: [Int64]
    private let types: [Int64]?
    private let mask: [Int64]?

    init(_ tensors: Checkpoint, of file: URL) throws {
        let expected = "a tensor [examples, length]"
        guard let ids = tensors["input_ids"] else {
            let names = listed(tensors.names.map(quoted), limit: 5)
            let found = names.isEmpty ? "no tensor" : "only \(names)"
            throw DataError.tensor(file.path, name: "input_ids", expected: expected, found: found)
        }
        let shape = ids.shape
        // Without this a file could claim any number of rows of length 0.
        guard shape.count == 2, shape[1] > 0 || shape[0] == 0 else {
            let found = "\(shape.prefix(8))"
            throw DataError.tensor(file.path, name: "input_ids", expected: expected, found: found)
        }
        (count, length) = (shape[0], shape[1])
        self.ids = try ids.integers()
        types = try tensors.integers("token_type_ids", shape: shape, in: file)
        mask = try tensors.integers("attention_mask", shape: shape, in: file)
    }

    func row(_ row: Int) throws(LineProblem) -> TokenRow {
        let range = row * length..<(row + 1) * length
        let mask = try numbers(mask?[range], "attention_mask", limit: 2)?.map { $0 == 1 }
        if let mask, !mask.contains(true) { throw .noTokens }
        return TokenRow(
            ids: try numbers(ids[range], "input_ids") ?? [],
            typeIDs: try numbers(types?[range], "token_type_ids"),
            mask: mask
        )
    }

    private func numbers(
        _ numbers: ArraySlice<Int64>?,
        _ tensor: String,
        limit: Int = Int(Int32.max)
    ) throws(LineProblem) -> [Int32]? {
        if let number = numbers?.first(where: { $0 < 0 || $0 >= limit }) {
            throw .outOfRange(tensor: tensor, value: Int(number), limit: limit)
        }
        return numbers?.map { Int32($0) }
    }
}

extension Checkpoint {
    /// The elements of a tensor that need not be there, but must have a shape if it is.
    fileprivate func integers(_ name: String, shape: [Int], in file: URL) throws -> [Int64]? {
        guard let view = self[name] else { return nil }
        guard view.shape == shape else {
            let found = "\(view.shape.prefix(8))"
            throw DataError.tensor(file.path, name: name, expected: "\(shape)", found: found)
        }
        return try view.integers()
    }
}
