internal import Checkpoints
internal import Presentation

/// One tensor of a file, by what its header says.
struct TensorSummary: Encodable, Sendable {
    let name: String
    let dtype: String
    let shape: [Int]
    let elements: Int
    let bytes: Int

    init(_ view: TensorView) {
        (name, dtype, shape) = (view.name, view.dtype.rawValue, view.shape)
        (elements, bytes) = (view.count, view.byteCount)
    }
}

/// What several tensors come to.
struct TensorTotals: Encodable, Sendable {
    var tensors = 0
    var elements = 0
    var bytes = 0

    mutating func add(_ tensor: TensorSummary) {
        tensors += 1
        // Counts of a file's tensors are bounded by its size, but an empty one may claim any shape.
        elements = elements.addingReportingOverflow(tensor.elements).partialValue
        bytes += tensor.bytes
    }

    /// As in `103 tensors, 22,713,216 elements, 90.9 MB`.
    var text: String {
        "\(NumberText.grouped(tensors)) \(tensors == 1 ? "tensor" : "tensors"), "
            + "\(NumberText.grouped(elements)) elements, \(NumberText.bytes(bytes))"
    }
}

extension [TensorSummary] {
    var totals: TensorTotals {
        reduce(into: TensorTotals()) { $0.add($1) }
    }

    /// The totals of each format, in the order of first occurrence.
    var byFormat: [(dtype: String, totals: TensorTotals)] {
        var order: [String] = []
        var table: [String: TensorTotals] = [:]
        for tensor in self {
            if table[tensor.dtype] == nil { order.append(tensor.dtype) }
            table[tensor.dtype, default: TensorTotals()].add(tensor)
        }
        return order.compactMap { dtype in table[dtype].map { (dtype, $0) } }
    }

    /// A row for each tensor.
    func table() -> TextTable {
        var table = TextTable([
            .text("tensor"), .text("dtype"), .text("shape"), .number("elements"), .number("bytes"),
        ])
        for tensor in self {
            table.add([
                tensor.name, tensor.dtype, "\(tensor.shape)", NumberText.grouped(tensor.elements),
                NumberText.grouped(tensor.bytes),
            ])
        }
        return table
    }
}
