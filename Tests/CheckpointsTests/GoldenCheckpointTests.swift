import Foundation
import Tensors
import TestSupport
import Testing

@testable import Checkpoints

@Suite(.enabled(if: Golden.directory != nil, "\(Golden.absence)"))
struct GoldenCheckpointTests {
    /// The directories that hold a configuration and parameters.
    private static var models: [URL] {
        guard let root = Golden.directory,
            let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        else { return [] }
        let configurations = files.compactMap { $0 as? URL }.filter {
            $0.lastPathComponent == "config.json"
        }
        return configurations.map { $0.deletingLastPathComponent() }.sorted { $0.path < $1.path }
    }

    @Test func `every reference model opens and its parameters decode`() throws {
        var count = 0
        for url in Self.models {
            let model = try ModelDirectory(url)
            let checkpoint = try model.checkpoint()
            #expect(!checkpoint.names.isEmpty && model.configuration != nil)
            for view in try checkpoint.views(checkpoint.names) {
                #expect(try view.tensor().shape == view.shape)
                let isNaN = url.path.hasSuffix("broken/nan")
                if !isNaN { #expect(try view.nonFinite() == nil) }
            }
            count += 1
        }
        #expect(count > 50)
    }

    @Test func `every reference file survives being copied`() throws {
        let root = try #require(Golden.directory)
        let directory = try TemporaryDirectory()
        let copy = directory.url.appending(path: "copy.safetensors")
        for name in ["inputs", "expected"] {
            let url = root.appending(path: "forward/bert/\(name).safetensors")
            let checkpoint = try Checkpoint(at: url)
            let views = try checkpoint.views(checkpoint.names)
            try SafeTensors.write(views.map { ($0.name, .stored($0)) }, to: copy)
            let copied = try Checkpoint(at: copy)
            #expect(Set(copied.names) == Set(checkpoint.names))
            for view in views {
                let again = try copied.view(view.name)
                #expect(again.dtype == view.dtype && again.shape == view.shape)
                let same = try view.tensor().elements == again.tensor().elements
                #expect(same)
            }
        }
    }

    @Test func `the model with a NaN says where it is`() throws {
        let root = try #require(Golden.directory)
        let checkpoint = try Checkpoint(at: root.appending(path: "merge/models/broken/nan"))
        let bad = try checkpoint.views(checkpoint.names).filter { try $0.nonFinite() != nil }
        #expect(bad.count == 1)
    }

    @Test func `names of published variants match each other`() throws {
        let root = try #require(Golden.directory).appending(path: "forward")
        func names(_ model: String) throws -> [String] {
            try Checkpoint(at: root.appending(path: model)).names
        }
        for (wanted, available) in [
            ("bert", "bert-gamma-beta"), ("bert", "bert-model"), ("gpt2", "gpt2-bare-names"),
        ] {
            let there = NameMatching(wanted: try names(wanted), available: try names(available))
            let back = NameMatching(wanted: try names(available), available: try names(wanted))
            let layers = try names(wanted).filter {
                $0.contains(".0.") && !$0.hasSuffix("attn.bias")
            }
            #expect(layers.allSatisfy { there.matches[$0] != nil || $0.hasSuffix("masked_bias") })
            #expect(there.matches.count == back.matches.count)
        }
    }
}
