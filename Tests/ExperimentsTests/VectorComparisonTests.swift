import Checkpoints
import Experiments
import Foundation
import FoundationXML
import Merging
import Presentation
import TestSupport
import Tensors
import Testing

@Suite struct `Task vectors are compared` {
    private let base = FixtureModels.base
    private let experts = FixtureModels.experts

    private func comparison(_ models: [URL], by granularity: Granularity = .layer) throws
        -> TaskVectorRelations
    {
        try VectorComparison.run(
            base: base.path,
            models: models.map(\.path),
            granularity: granularity
        )
    }

    /// What the numbers of a group must be, by plain loops over the elements.
    private func check(
        _ group: TaskVectorRelations.Group,
        _ vectors: [[Double]],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let count = vectors[0].count
        #expect(group.entries == count, sourceLocation: sourceLocation)
        let norms = vectors.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        for (found, norm) in zip(group.norms, norms) {
            #expect(abs(found - norm) <= 1e-6 * norm, sourceLocation: sourceLocation)
        }
        let largest = vectors.map { vector in
            let order = vector.indices.sorted { abs(vector[$0]) > abs(vector[$1]) }
            return Set(order.prefix(max(1, count / 5)).filter { vector[$0] != 0 })
        }
        var pairs = group.pairs.makeIterator()
        for i in vectors.indices {
            for j in vectors.indices.dropFirst(i + 1) {
                let (a, b) = (vectors[i], vectors[j])
                let next = pairs.next()
                let pair = try #require(next, sourceLocation: sourceLocation)
                let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
                let conflicts = zip(a, b).count { $0 * $1 < 0 }
                let shared = zip(a, b).count { $0 != 0 && $1 != 0 }
                let common = largest[i].intersection(largest[j]).count
                let fewer = min(largest[i].count, largest[j].count)
                let cosine = try #require(pair.cosine, sourceLocation: sourceLocation)
                #expect(
                    abs(cosine - product / norms[i] / norms[j]) < 1e-6,
                    sourceLocation: sourceLocation
                )
                #expect(
                    pair.conflict == Double(conflicts) / Double(count),
                    sourceLocation: sourceLocation
                )
                #expect(
                    pair.shared == Double(shared) / Double(count),
                    sourceLocation: sourceLocation
                )
                #expect(
                    pair.overlap == Double(common) / Double(fewer),
                    sourceLocation: sourceLocation
                )
            }
        }
        #expect(pairs.next() == nil, sourceLocation: sourceLocation)
    }

    @Test(arguments: Granularity.allCases)
    func `by numbers that plain loops give, too`(granularity: Granularity) throws {
        let relations = try comparison(experts, by: granularity)
        #expect(relations.models == ["expert-0", "expert-1", "expert-2"])
        let vectors = try experts.map { try taskVector($0) }
        let names = try Checkpoint(at: base).names
        try check(relations.overall, vectors.map { vector in names.flatMap { vector[$0] ?? [] } })
        let groups = granularity.groups(of: names)
        #expect(relations.groups.map(\.name) == groups.map(\.name))
        for (found, group) in zip(relations.groups, groups) {
            try check(
                found,
                vectors.map { vector in group.parameters.flatMap { vector[$0] ?? [] } }
            )
        }
    }

    @Test func `where few entries are changed, by those`() throws {
        let folder = try ModelFolder()
        let files = try experts.enumerated().map { index, expert in
            try folder.vector(
                of: expert,
                as: .sparse(density: [0.05, 0.4, 0.1][index]),
                named: "part-\(index).safetensors"
            ).url
        }
        let relations = try comparison(files, by: .task)
        #expect(relations.models == ["part-0", "part-1", "part-2"])
        let vectors = try files.map { try storedVector($0) }
        let names = try Checkpoint(at: base).names
        let counts = try Checkpoint(at: base).views(names).map(\.count)
        try check(
            relations.overall,
            vectors.map { vector in
                zip(names, counts).flatMap { vector[$0] ?? Array(repeating: 0, count: $1) }
            }
        )
    }

    @Test func `with themselves and with what is opposite`() throws {
        let folder = try ModelFolder()
        let (model, origin) = try (Checkpoint(at: experts[0]), Checkpoint(at: base))
        let opposite = try folder.copy(base, as: "opposite") { view in
            .floats(try origin.view(view.name).tensor() * 2 - model.view(view.name).tensor())
        }
        let twin = try folder.copy(experts[0], as: "twin")
        let pairs = try comparison([experts[0], twin, opposite]).overall.pairs
        #expect(abs(try #require(pairs[0].cosine) - 1) < 1e-9)
        #expect(pairs[0].conflict == 0 && pairs[0].overlap == 1)
        #expect(abs(try #require(pairs[1].cosine) + 1) < 1e-6)
        #expect(abs(pairs[1].conflict - 1) < 0.01)
        let none = try comparison([experts[0], base]).overall
        #expect(none.pairs[0].cosine == nil && none.pairs[0].overlap == nil)
        #expect(none.text.contains("–"))
    }

    @Test func `with the same numbers on any number of threads`() throws {
        let all = try [1, 3].map { count in
            try VectorComparison.run(
                base: base.path,
                models: experts.map(\.path),
                workers: Workers(count)
            )
        }
        #expect(all[0] == all[1])
    }
}

extension TaskVectorRelations.Group {
    /// What a table of it alone says.
    fileprivate var text: String {
        pairs.map { $0.cosine.map { "\($0)" } ?? "–" }.joined()
    }
}

@Suite struct `A heat map of task vectors` {
    /// The texts and colours of an SVG, read by a parser that refuses what is not XML.
    private final class Reader: NSObject, XMLParserDelegate {
        var (texts, colours): ([String], [String]) = ([], [])
        private var text: String?

        func parser(
            _ parser: XMLParser,
            didStartElement name: String,
            namespaceURI: String?,
            qualifiedName: String?,
            attributes: [String: String]
        ) {
            if name == "text" { text = "" }
            if name == "rect", let fill = attributes["fill"] { colours.append(fill) }
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text? += string }

        func parser(
            _ parser: XMLParser,
            didEndElement name: String,
            namespaceURI: String?,
            qualifiedName: String?
        ) {
            if name == "text", let found = text { texts.append(found) }
            if name == "text" { text = nil }
        }
    }

    private func read(_ drawing: String) throws -> Reader {
        let (reader, parser) = (Reader(), XMLParser(data: Data(drawing.utf8)))
        parser.delegate = reader
        #expect(parser.parse(), "\(parser.parserError?.localizedDescription ?? "")")
        return reader
    }

    private func relations(_ folder: ModelFolder) throws -> TaskVectorRelations {
        let strange = try folder.copy(FixtureModels.experts[0], as: "a<b> & \"c\"")
        return try VectorComparison.run(
            base: FixtureModels.base.path,
            models: [strange.path] + FixtureModels.experts.dropFirst().map(\.path)
        )
    }

    @Test(arguments: VectorMeasure.allCases)
    func `has a cell with its number for every pair, as a whole and in each layer`(
        measure: VectorMeasure
    ) throws {
        let relations = try relations(try ModelFolder())
        let reader = try read(relations.drawing(of: measure))
        for label in relations.models + relations.groups.map(\.name) {
            #expect(reader.texts.contains(label))
        }
        func cell(_ pair: TaskVectorRelations.Pair) -> String {
            let value = measure.value(of: pair) ?? .nan
            return String(format: "%.2f", value)
        }
        // Each pair twice as a whole, and once in every layer; and the ends of the scale.
        let numbers = reader.texts.filter { Double($0) != nil }
        let cells = relations.overall.pairs.flatMap { [cell($0), cell($0)] }
        let layers = relations.groups.flatMap { $0.pairs.map(cell) }
        #expect(numbers.dropLast(2).sorted() == (cells + layers).sorted())
        let maps = relations.heatMaps(of: measure)
        #expect(maps[0].values[0][0] == nil)
        #expect(maps[0].values[1][2] == measure.value(of: relations.overall.pairs[2]))
        #expect(maps[1].values[0] == relations.groups[0].pairs.map(measure.value))
    }

    @Test func `is darkest where the number is largest`() throws {
        let relations = try relations(try ModelFolder())
        let map = relations.heatMaps(of: .cosine)[1]
        let drawing = relations.drawing(of: .cosine)
        let colours = try read(drawing).colours
        #expect(Set(colours).count > 5)
        #expect(map.rows == relations.groups.map(\.name))
    }
}
