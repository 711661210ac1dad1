import Foundation
import Testing

@testable import Checkpoints

@Suite struct ModelDirectoryTests {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    private func resolve(
        _ reference: String,
        _ places: [URL]? = nil,
        _ environment: [String: String] = [:]
    ) throws -> ModelDirectory {
        try ModelDirectory(
            resolving: reference,
            relativeTo: places ?? [directory.url],
            environment: environment
        )
    }

    @Test func `a directory is found where the recipe is, then where the work is`() throws {
        try directory.write("{\"a\": 1}", "one/models/base/config.json")
        try directory.write("{}", "two/models/base/config.json")
        try directory.write("", "two/models/other/x")
        let places = ["one", "two"].map { directory.url.appending(path: $0) }
        let base = try resolve("models/base", places)
        #expect(base.configuration == Data("{\"a\": 1}".utf8))
        #expect(base.reference == "models/base")
        let other = try resolve("models/other", places)
        #expect(other.configuration == nil)
        #expect(other.url.path.hasSuffix("two/models/other"))
        #expect(try resolve(base.url.path, []).configuration == base.configuration)
        let home = try resolve("~/models/base", places, ["HOME": places[1].path])
        #expect(home.configuration == Data("{}".utf8))
    }

    @Test func `an id is found in the cache by branch, by commit, and by default`() throws {
        let model = "hub/models--owner--name"
        try directory.write("c0ffee\n", "\(model)/refs/main")
        try directory.write("decaf", "\(model)/refs/refs/pr/1")
        try directory.write("{\"main\": 1}", "\(model)/snapshots/c0ffee/config.json")
        try directory.write("{\"pr\": 1}", "\(model)/snapshots/decaf/config.json")
        let environment = ["HF_HOME": directory.url.path, "HOME": "/nonexistent"]
        for (reference, key) in [
            ("owner/name", "main"), ("owner/name@main", "main"), ("owner/name@refs/pr/1", "pr"),
            ("owner/name@decaf", "pr"),
        ] {
            let found = try resolve(reference, nil, environment)
            #expect(found.configuration == Data("{\"\(key)\": 1}".utf8), "\(reference)")
        }
        let direct = ["HF_HUB_CACHE": directory.url.appending(path: "hub").path]
        #expect(try resolve("owner/name", nil, direct).configuration != nil)
        let said = message { _ = try resolve("owner/name@absent", nil, environment) }
        #expect(said.contains("the model “owner/name@absent” is not there; looked at"))
        #expect(said.contains(directory.url.appending(path: model).path))
        #expect(said.contains("/nonexistent/.cache/huggingface/hub/models--owner--name"))
    }

    @Test(arguments: [
        "../x/y@main", "a/b/c", "a/b@../../x", "", "a/@b", "/absent", "a b/c", "..@..",
    ])
    func `what is no id never becomes a path into the cache`(reference: String) throws {
        try directory.write("{}", "hub/snapshots/x/config.json")
        let cache = directory.url.appending(path: "hub/models--a--b").path
        let said = message {
            _ = try resolve(reference, [URL(filePath: "/nonexistent")], ["HF_HUB_CACHE": cache])
        }
        #expect(said.contains("is not there; looked at “/"))
        #expect(!said.contains("models--"))
    }

    @Test func `the companions are listed and copied, links being followed`() throws {
        for name in [
            "tokenizer.json", "chat_template.jinja", "1_Pooling/config.json", "modules.json",
            "model.safetensors", "README.md", "optimizer.pt", "runs/x",
        ] {
            try directory.write(name, "model/\(name)")
        }
        try directory.write("vocabulary", "model/real")
        try directory.link("model/vocab.txt", to: "real")
        let model = try ModelDirectory(directory.url.appending(path: "model"))
        #expect(
            model.companions.files == [
                "1_Pooling/config.json", "chat_template.jinja", "modules.json", "tokenizer.json",
                "vocab.txt",
            ]
        )
        let copy = directory.url.appending(path: "copy")
        try model.companions.copy(to: copy)
        let files = FileManager.default
        #expect(try files.contentsOfDirectory(atPath: copy.path).count == 5)
        let vocabulary = copy.appending(path: "vocab.txt")
        #expect(try String(contentsOf: vocabulary, encoding: .utf8) == "vocabulary")
        #expect((try? files.destinationOfSymbolicLink(atPath: vocabulary.path)) == nil)
    }

    @Test func `files outside the model are not copied out through it`() throws {
        try directory.write("secret", "secret")
        try directory.link("model/tokenizer.json", to: "../secret")
        let model = try ModelDirectory(directory.url.appending(path: "model"))
        let said = message { try model.companions.copy(to: directory.url.appending(path: "copy")) }
        #expect(said.contains("model/tokenizer.json” leads outside of"))
        try directory.link("other/config.json", to: "../secret")
        let other = message { _ = try ModelDirectory(directory.url.appending(path: "other")) }
        #expect(other.contains("other/config.json” leads outside of"))
    }

    @Test func `a model opens its parameters and its adapter when asked`() throws {
        try directory.write(soundFile(["a"]), "model/model.safetensors")
        let model = try resolve("model")
        #expect(try model.checkpoint().names == ["a"])
        #expect(!model.isAdapter)
        #expect(try model.adapter() == nil)
    }
}
