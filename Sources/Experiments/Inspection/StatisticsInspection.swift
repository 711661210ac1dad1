internal import Foundation
internal import Merging
internal import Presentation

/// A file of statistics: of what model and data they are, and of which weights.
struct StatisticsInspection: Inspection {
    private struct Entry: Encodable, Sendable {
        let name: String
        let shape: [Int]
        /// The rows that entered the weight; `nil` for Fisher information.
        let rows: Int?
    }

    private let path: String
    private let kind: String
    private let model, data, split, version: String
    private let labels: String?
    private let examples: Int
    private let tensors: [Entry]

    /// `nil` for a file that holds no statistics, or not all that belongs to such.
    init?(_ url: URL) {
        guard let file = try? StatisticsFile(contentsOf: url) else { return nil }
        path = url.path
        kind = file.kind.rawValue
        let provenance = file.provenance
        (model, data, split) = (provenance.model, provenance.data, provenance.split)
        (version, labels) = (provenance.version, provenance.labels?.text)
        examples = provenance.examples
        tensors = file.names.map { name in
            Entry(name: name, shape: (try? file.shape(of: name)) ?? [], rows: file.rows[name])
        }
    }

    func text(width: Int?) -> String {
        var facts = Facts()
        facts.add("path", path)
        facts.add("holds", StatisticsFile.Kind(rawValue: kind)?.title)
        facts.add("labels", labels)
        facts.add("examples", "\(NumberText.grouped(examples)) of \(split)")
        facts.add("model", "SHA-256 \(model)")
        facts.add("data", "SHA-256 \(data)")
        facts.add("made by", "Merganser \(version)")
        let hasRows = tensors.contains { $0.rows != nil }
        var table = TextTable(
            [.text("tensor"), .text("shape")] + (hasRows ? [.number("rows")] : [])
        )
        for tensor in tensors {
            let rows = tensor.rows.map(NumberText.grouped) ?? ""
            table.add([tensor.name, "\(tensor.shape)"] + (hasRows ? [rows] : []))
        }
        return facts.text(width: width) + "\n" + table.text(width: width)
    }
}
