import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import TestSupport
import Testing
import Tokenizers

@Suite struct `A vocabulary that cannot be merged` {
    private let models = Golden.repository.appending(path: "Tests/Fixtures/tokenizer-merges/models")

    private func message(_ text: String, in folder: ModelFolder) throws -> String {
        let absolute = text.replacingOccurrences(of: "@", with: models.path + "/")
        let output = folder.file("merged")
        var message = ""
        do {
            let recipe = try Recipe(RecipeDocument(absolute), methods: MethodSignature.all)
            try Merge.run(recipe, to: output)
        } catch {
            message = "\(error)"
        }
        #expect(!FileManager.default.fileExists(atPath: output.path))
        return message
    }

    private let two = """
        merge_method: task_arithmetic
        base_model: "@llama-base"
        models: [{model: "@llama-chat", parameters: {weight: 0.5}}]

        """

    @Test func `is told what else to do where sizes differ`() throws {
        let message = try message(two, in: ModelFolder())
        #expect(
            message.contains("`tokenizer_source: base`")
                && message.contains("`tokenizer_source: union`")
        )
        #expect(message.contains("model.embed_tokens.weight") && message.contains("lm_head.weight"))
    }

    @Test func `names every source of an embedding that is not there`() throws {
        let text =
            two + """
                tokenizer:
                  tokens:
                    <a>: {source: {kind: model_token, model: "@llama-chat", token: <none>}}
                    <b>: {source: {kind: model_token, model: "@llama-chat", token_id: 5000}}
                    <c>: {source: "@llama-tool"}
                    <d>: {source: "@llama-base"}
                """
        let message = try message(text, in: ModelFolder())
        for part in [
            "<a>", "<none>", "<b>", "no row 5000", "<c>", "not a model of the merge", "<d>",
        ] {
            #expect(message.contains(part), "\(part)")
        }
    }

    @Test func `needs a tokenizer of the base`() throws {
        let text = """
            merge_method: linear
            models: [{model: "@llama-bare", parameters: {weight: 1}}, {model: "@llama-base", parameters: {weight: 1}}]

            """
        for key in ["tokenizer_source: union", "chat_template: llama3"] {
            #expect(try message(text + key, in: ModelFolder()).contains("has no tokenizer"))
        }
    }

    @Test func `says so where the tokenizer is one that is not read`() throws {
        let folder = try ModelFolder()
        let model = try folder.copy(models.appending(path: "llama-bare"), as: "piece")
        try Data([10]).write(to: model.appending(path: "tokenizer.model"))
        let text = two + "tokenizer_source: \"\(model.path)\"\n"
        let message = try message(text, in: folder)
        #expect(message.contains("SentencePiece") && message.contains(model.path))
    }

    @Test func `is refused where models are run`() throws {
        let text = """
            merge_method: adamerging
            base_model: "@llama-base"
            models: [{model: "@llama-chat"}]
            tasks: [{name: a, data: "@llama-base/config.json"}]
            tokenizer_source: union
            """
        let absolute = text.replacingOccurrences(of: "@", with: models.path + "/")
        let recipe = try Recipe(RecipeDocument(absolute), methods: MethodSignature.all)
        let folder = try ModelFolder()
        #expect(throws: VocabularyError.withTasks(key: "tokenizer_source")) {
            _ = try Learning.run(recipe, in: folder.file("run"), workers: .all)
        }
    }

    @Test func `refuses a vocabulary that is larger than the model`() throws {
        let folder = try ModelFolder()
        let model = try folder.copy(models.appending(path: "llama-base"), as: "base") { view in
            guard TokenTables.contains(view.name) else { return .stored(view) }
            return .floats(try view.rows(Array(0..<40)))
        }
        try FileManager.default.copyItem(
            at: models.appending(path: "llama-base/tokenizer.json"),
            to: model.appending(path: "tokenizer.json")
        )
        let text = """
            merge_method: linear
            models: [{model: "\(model.path)", parameters: {weight: 1}}]
            tokenizer_source: base
            """
        let message = try message(text, in: folder)
        #expect(message.contains("beyond the model's 40 embeddings"))
    }

    @Test(arguments: [Int(Int32.max), 9_000_000])
    func `may not ask for all memory`(id: Int) throws {
        let folder = try ModelFolder()
        let model = try folder.copy(models.appending(path: "llama-base"), as: "far")
        let tokenizer = models.appending(path: "llama-base/tokenizer.json")
        try String(contentsOf: tokenizer, encoding: .utf8)
            .replacingOccurrences(of: "\"Ġthe\": 46", with: "\"Ġthe\": \(id)")
            .write(
                to: model.appending(path: "tokenizer.json"),
                atomically: true,
                encoding: .utf8
            )
        let message = try message(two + "tokenizer_source: \"\(model.path)\"\n", in: folder)
        #expect(message.contains("\(id + 1) rows"))
        let padded = try self.message(
            two + "tokenizer: {pad_to_multiple_of: 9223372036854775807}\n",
            in: folder
        )
        #expect(padded.contains("`pad_to_multiple_of`"))
    }

    @Test func `takes no chat template from outside a model`() throws {
        let folder = try ModelFolder()
        let model = try folder.copy(models.appending(path: "llama-base"), as: "link")
        let secret = folder.file("secret")
        try "{{ secret }}".write(to: secret, atomically: true, encoding: .utf8)
        try FileManager.default.createSymbolicLink(
            at: model.appending(path: "chat_template.jinja"),
            withDestinationURL: secret
        )
        let text = """
            merge_method: linear
            models: [{model: "\(model.path)", parameters: {weight: 1}}]
            chat_template: auto
            """
        #expect(try message(text, in: folder).contains("chat_template.jinja"))
    }
}
