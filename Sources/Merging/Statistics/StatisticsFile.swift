internal import Checkpoints
public import Foundation
public import Tensors

/// A file of statistics of a model on data, which can be published in the data's place.
///
/// safetensors. Gram matrices: a tensor for each linear weight under the weight's name, the upper
/// triangle of `XᵀX` row by row, or all of it; a plain sum over all rows that enter the weight but
/// for padding. Diagonal Fisher information: a tensor for each parameter in its shape, the mean over
/// examples of squared derivatives. Masks: the bits of each parameter, the first in the lowest of a
/// byte. The metadata say of what model and data, in the words below.
public struct StatisticsFile: Sendable {
    /// What was collected.
    public enum Kind: String, Sendable, CaseIterable {
        /// `XᵀX` of the inputs of linear maps.
        case gram
        /// Squared derivatives of log-likelihoods.
        case fisher
        /// The entries of a task vector that carry its skill, a bit each.
        case mask

        /// As messages call it.
        public var title: String {
            switch self {
            case .gram: "Gram matrices"
            case .fisher: "Fisher information"
            case .mask: "masks of task vectors"
            }
        }
    }

    /// What a file says of how it was made.
    public struct Provenance: Sendable, Equatable {
        /// The SHA-256 of the model's weights.
        public var model: String
        /// The SHA-256 of the data's files.
        public var data: String
        /// The part of the data, as a recipe names it.
        public var split: String
        /// A hash of how the data were read: length, fields, head and, where labels are drawn, seed.
        public var settings: String
        /// The number of examples.
        public var examples: Int
        /// The labels that Fisher information was taken for; `nil` for Gram matrices.
        public var labels: FisherLabels?
        /// The version of the program that made it.
        public var version: String

        /// How a file was made.
        public init(
            model: String,
            data: String,
            split: String,
            settings: String = "",
            examples: Int,
            labels: FisherLabels? = nil,
            version: String
        ) {
            (self.model, self.data, self.split) = (model, data, split)
            (self.settings, self.examples) = (settings, examples)
            (self.labels, self.version) = (labels, version)
        }
    }

    /// The file.
    public let url: URL
    /// What was collected.
    public let kind: Kind
    /// Of what, and how.
    public let provenance: Provenance
    /// The rows that entered each weight, for Gram matrices.
    public let rows: [String: Int]
    private let checkpoint: Checkpoint

    /// Opens a file; its numbers are read when they are asked for.
    ///
    /// - Throws: `StatisticsError.notStatistics` with what is missing or wrong.
    public init(contentsOf url: URL) throws {
        let checkpoint = try Checkpoint(at: url)
        let metadata = checkpoint.metadata
        func fail(_ reason: String) -> StatisticsError {
            .notStatistics(file: url.path, reason: reason)
        }
        func value(_ key: String) throws -> String {
            guard let value = metadata[key] else { throw fail("its metadata have no \(key)") }
            return value
        }
        guard let kind = Kind(rawValue: try value("kind")) else {
            throw fail("its kind is \(try value("kind")), not gram, fisher or mask")
        }
        guard let examples = Int(try value("examples")), examples > 0 else {
            throw fail("it says \(try value("examples")) examples")
        }
        var labels: FisherLabels?
        if kind == .fisher {
            labels = FisherLabels(try value("labels"))
            guard labels != nil, labels != .automatic else {
                throw fail("its labels are \(try value("labels"))")
            }
        }
        (self.url, self.kind, self.checkpoint) = (url, kind, checkpoint)
        provenance = Provenance(
            model: try value("model"),
            data: try value("data"),
            split: metadata["split"] ?? "",
            settings: metadata["settings"] ?? "",
            examples: examples,
            labels: labels,
            version: metadata["version"] ?? ""
        )
        guard kind == .gram else {
            rows = [:]
            return
        }
        let counts = try? JSONDecoder().decode(
            [String: Int].self,
            from: Data(try value("rows").utf8)
        )
        guard let counts, checkpoint.names.allSatisfy({ (counts[$0] ?? 0) > 0 }) else {
            throw fail("its metadata do not say the rows of every weight")
        }
        rows = counts
    }

    /// The names of the tensors.
    public var names: [String] { checkpoint.names }

    /// The upper triangle of a weight's Gram matrix for rows of the given width.
    public func triangle(of name: String, width: Int) throws -> Tensor {
        let view = try finite(name)
        let packed = [width * (width + 1) / 2]
        if view.shape == packed { return try view.tensor() }
        guard view.shape == [width, width] else {
            throw StatisticsError.shape(
                file: url.path,
                tensor: name,
                expected: packed,
                found: view.shape
            )
        }
        return try view.tensor().triangle()
    }

    /// Fisher information by a parameter of the given shape.
    public func information(of name: String, shape: [Int]) throws -> Tensor {
        let view = try finite(name)
        guard view.shape == shape else {
            throw StatisticsError.shape(
                file: url.path,
                tensor: name,
                expected: shape,
                found: view.shape
            )
        }
        return try view.tensor()
    }

    /// The mask of a parameter with so many elements.
    public func mask(of name: String, count: Int) throws -> BitMask {
        let view = try checkpoint.view(name)
        guard view.dtype == .unsigned8,
            let mask = BitMask(bytes: try view.bytes(0..<view.byteCount), count: count)
        else {
            throw StatisticsError.shape(
                file: url.path,
                tensor: name,
                expected: [(count + 7) / 8],
                found: view.shape
            )
        }
        return mask
    }

    /// The shape of a tensor.
    public func shape(of name: String) throws -> [Int] { try checkpoint.view(name).shape }

    /// A tensor as it is stored.
    public func tensor(_ name: String) throws -> Tensor { try finite(name).tensor() }

    /// Why the statistics of another file cannot be added to these; `nil` where they can.
    public func reasonNotToAdd(_ other: StatisticsFile) -> String? {
        if kind != other.kind { return "one holds \(kind.title), the other \(other.kind.title)" }
        if provenance.model != other.provenance.model { return "they are of different models" }
        if provenance.labels != other.provenance.labels { return "they are for different labels" }
        let shapes = names.map { try? shape(of: $0) }
        guard names == other.names, shapes == names.map({ try? other.shape(of: $0) }) else {
            return "their tensors differ"
        }
        return nil
    }

    /// A tensor of the file, which holds neither NaN nor infinity.
    private func finite(_ name: String) throws -> TensorView {
        let view = try checkpoint.view(name)
        if let position = try view.nonFinite() {
            throw MergeError.notFinite(
                parameter: name,
                model: url.path,
                position: position
            )
        }
        return view
    }
}

extension StatisticsFile.Provenance {
    /// The metadata of a file.
    public func metadata(_ kind: StatisticsFile.Kind, rows: [String: Int] = [:]) -> [String: String]
    {
        var all = [
            "format": "pt", "kind": kind.rawValue, "examples": "\(examples)", "model": model,
            "data": data, "split": split, "settings": settings, "padding": "left out",
            "version": version,
        ]
        if let labels { all["labels"] = labels.text }
        if kind == .gram {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            all["rows"] = (try? encoder.encode(rows)).map { String(decoding: $0, as: UTF8.self) }
        }
        return all
    }
}

/// The statistics of one model of a pool, its tensors found under the pool's names.
public struct ModelStatistics: Sendable {
    private enum Source {
        case statistics(StatisticsFile)
        case inputs(Checkpoint)
        case collected(GramCollector)
    }

    private let source: Source
    private let places: [String: String]
    /// The path of the file, for messages.
    public let path: String

    /// Statistics of a model whose parameters are among the given ones.
    public init(_ file: StatisticsFile, for parameters: [ModelPool.Parameter]) {
        (source, path) = (.statistics(file), file.url.path)
        places = Self.places(parameters, file.names)
    }

    /// Inputs of weights themselves, as some tools keep them for calibration.
    ///
    /// # Shapes
    /// A tensor `[samples, inputs]` for each weight, under the weight's name.
    public init(inputs file: URL, for parameters: [ModelPool.Parameter]) throws {
        let checkpoint = try Checkpoint(at: file)
        (source, path) = (.inputs(checkpoint), file.path)
        places = Self.places(parameters, checkpoint.names)
    }

    /// Gram matrices as they were collected, which no file holds.
    public init(_ collector: GramCollector, of model: String, for parameters: [ModelPool.Parameter])
    {
        (source, path) = (.collected(collector), model)
        places = Self.places(parameters, collector.names)
    }

    private static func places(
        _ parameters: [ModelPool.Parameter],
        _ names: [String]
    ) -> [String: String] {
        NameMatching(wanted: parameters.map(\.name), available: names).matches
    }

    /// The labels that Fisher information was taken for.
    public var labels: FisherLabels? {
        if case .statistics(let file) = source { file.provenance.labels } else { nil }
    }

    /// The Gram matrix of what enters a weight, and the number of its rows.
    func gram(of parameter: ModelPool.Parameter) throws -> (triangle: Tensor, rows: Int)? {
        guard let name = places[parameter.name] else { return nil }
        let width = parameter.shape.dropFirst().reduce(1, *)
        switch source {
        case .statistics(let file):
            return (try file.triangle(of: name, width: width), file.rows[name] ?? 1)
        case .collected(let collector):
            return (collector.triangle(of: name), collector.rows(of: name))
        case .inputs(let checkpoint):
            let view = try checkpoint.view(name)
            guard view.shape.count == 2, view.shape[1] == width, view.shape[0] > 0 else {
                throw StatisticsError.shape(
                    file: path,
                    tensor: name,
                    expected: [max(view.shape.first ?? 1, 1), width],
                    found: view.shape
                )
            }
            if let position = try view.nonFinite() {
                throw MergeError.notFinite(parameter: name, model: path, position: position)
            }
            return (try view.tensor().gram().triangle(), view.shape[0])
        }
    }

    /// What carries the skill of a parameter; `nil` where nothing is known of it.
    func mask(of parameter: ModelPool.Parameter) throws -> BitMask? {
        guard case .statistics(let file) = source else { return nil }
        return try places[parameter.name].map { try file.mask(of: $0, count: parameter.count) }
    }

    /// The information by a parameter.
    func information(of parameter: ModelPool.Parameter) throws -> Tensor? {
        guard case .statistics(let file) = source else { return nil }
        return try places[parameter.name].map {
            try file.information(of: $0, shape: parameter.shape)
        }
    }
}
