import Foundation
import Merging
import TestSupport
import Testing

@Suite struct `The table of merge methods` {
    private let names = MergeMethods.all.map(\.card.name)

    @Test func `holds every method of every file, in the order of the files' names`() throws {
        let folder = Golden.repository.appending(path: "Sources/Merging/Methods")
        let table = try String(
            contentsOf: folder.appending(path: "../Rules/MergeMethod.swift"),
            encoding: .utf8
        )
        var methods = 0
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            let declared = text.matches(of: /public static let (\w+) = MergeMethod\(/).map(
                \.output.1
            )
            #expect(!declared.isEmpty, "\(file) declares no method")
            for method in declared {
                #expect(table.contains("        .\(method),\n"), "\(method) of \(file)")
            }
            methods += declared.count
        }
        #expect(methods == names.count)
    }

    @Test func `names each method once, and finds it`() throws {
        #expect(Set(names).count == names.count)
        for name in names { #expect(try MergeMethods.named(name).card.name == name) }
        #expect(throws: MergeError.self) { try MergeMethods.named("frobnicate") }
    }

    @Test(arguments: MergeMethods.all.map(\.card.name))
    func `has a full card for each`(name: String) throws {
        let card = try MergeMethods.named(name).card
        #expect(!card.summary.isEmpty && !card.equation.isEmpty)
        // What has no preprint names its reviewed paper, and what was never one where it is written.
        let places = ["arXiv:", "openreview.net", "github.com/"]
        #expect(places.contains { card.source.contains($0) })
        #expect(card.example.contains("merge_method: \(name)\n"))
        #expect(Set(card.options.map(\.name)).count == card.options.count)
        for option in card.options { #expect(!option.summary.isEmpty, "\(option.name)") }
    }
}
