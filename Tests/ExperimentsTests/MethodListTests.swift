import Experiments
import Foundation
import Merging
import TestSupport
import Testing

/// What only the reference cases have so far: they come with routing and with analysis.
private let later: Set = ["emr", "tall_mask", "ho_gsvd"]
/// Methods whose references are no merges of files: they have cases of their own, or papers alone.
private let ours: Set = [
    "regmean", "regmean_plusplus", "fisher", "adamerging", "adamerging++", "frank_wolfe",
]

@Suite struct `The list of merge methods` {
    private let names = MergeMethods.all.map(\.card.name)
    private let all = MergeMethods.all.map(MethodDescription.init)

    @Test(
        .enabled(if: Golden.directory != nil, .init(rawValue: Golden.absence))
    ) func `has the names of the reference cases`() throws {
        let cases = ReferenceCase.all("merge") { !$0.hasPrefix("error-") }
        let found = Set(try cases.compactMap { try $0.json(MergeCase.self).merge_method })
        #expect(found.subtracting(names) == later)
        #expect(Set(names).subtracting(found) == ours)
    }

    @Test func `has the names of the table in the README, by category`() throws {
        let readme = try String(
            contentsOf: Golden.repository.appending(path: "README.md"),
            encoding: .utf8
        )
        for category in MethodCard.Category.allCases {
            let line = readme.split(separator: "\n").first {
                $0.hasPrefix("| \(category.rawValue) |")
            }
            let listed = try #require(line, "\(category.rawValue)")
                .matches(of: /`([^`]+)`/).map { String($0.output.1) }
            #expect(
                listed
                    == MergeMethods.all.filter { $0.card.category == category }
                    .map(\.card.name)
            )
        }
    }

    @Test(arguments: [24, 40, 60, 80, 200])
    func `shows every method once, under its category`(width: Int) {
        let text = MethodDescription.list(of: all, width: width)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if width >= 40 { #expect(lines.allSatisfy { $0.count <= width }) }
        var found: [String: [String]] = [:]
        var category = ""
        for line in lines where !line.isEmpty {
            if !line.hasPrefix(" ") {
                category = line
            } else if !line.hasPrefix("   ") {
                let name = line.split(separator: " ").first.map(String.init) ?? ""
                found[category, default: []].append(name)
            }
        }
        let expected = Dictionary(grouping: all, by: \.category).mapValues { $0.map(\.name) }
        #expect(found == expected)
        // On a wide terminal each is one line.
        let count = names.count + 2 * expected.count
        if width == 200 { #expect(lines.count == count) }
    }

    @Test func `names authors, a year and a place of publication for each`() {
        for method in all {
            #expect(method.source.contains(/\b(19|20)\d\d\b/), "\(method.name)")
            #expect(method.source.contains(/^(after )?\p{L}/), "\(method.name)")
            let places = ["arXiv:", "openreview.net"]
            #expect(places.contains { method.source.contains($0) }, "\(method.name)")
        }
    }
}
