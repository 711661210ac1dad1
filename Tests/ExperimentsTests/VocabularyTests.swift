import Checkpoints
import Experiments
import Foundation
import Merging
import TestSupport
import Tensors
import Testing
import Tokenizers

/// The models of the merges of vocabularies.
private enum Models {
    static let folder = Golden.repository.appending(path: "Tests/Fixtures/tokenizer-merges/models")

    static func url(_ name: String) -> URL { folder.appending(path: name) }
}

private func recipe(_ text: String) throws -> Recipe {
    let absolute = text.replacingOccurrences(of: "@", with: Models.folder.path + "/")
    return try Recipe(RecipeDocument(absolute), methods: MethodSignature.all)
}

private func read(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

@Suite struct `The vocabulary of a merge` {
    private let union = """
        merge_method: task_arithmetic
        base_model: "@llama-base"
        models:
        - {model: "@llama-chat", parameters: {weight: 0.5}}
        - {model: "@llama-tool", parameters: {weight: 0.25}}

        """

    @Test func `of slices of all layers is that of the whole models`() throws {
        let folder = try ModelFolder()
        for (name, form, range) in [
            ("whole", "models:", ""), ("sliced", "slices:\n- sources:", "layer_range: [0, 1], "),
        ] {
            let text = """
                merge_method: linear
                tokenizer_source: union
                \(form)
                  - {model: "@llama-base", \(range)parameters: {weight: 0.75}}
                  - {model: "@llama-chat", \(range)parameters: {weight: 0.25}}
                """
            try Merge.run(recipe(text), to: folder.file(name))
        }
        let (whole, sliced) = try (
            Checkpoint(at: folder.file("whole")), Checkpoint(at: folder.file("sliced"))
        )
        #expect(Set(whole.names) == Set(sliced.names))
        for name in whole.names {
            #expect(
                try whole.view(name).tensor().elements == sliced.view(name).tensor().elements
            )
        }
        let stack = try recipe(
            """
            merge_method: passthrough
            tokenizer_source: base
            slices:
              - sources: [{model: "@llama-base", layer_range: [0, 1]}]
              - sources: [{model: "@llama-chat", layer_range: [0, 1]}]
            """
        )
        // The output matrix is the second model's, whose tokens are not all of the first's.
        #expect(throws: VocabularyError.self) { try Merge.run(stack, to: folder.file("stack")) }
    }

    @Test func `of models that share one is that one, and nothing changes`() throws {
        let folder = try ModelFolder()
        let text = """
            merge_method: linear
            models:
            - {model: "@llama-base", parameters: {weight: 1}}
            - {model: "@llama-bare", parameters: {weight: 1}}

            """
        try Merge.run(recipe(text), to: folder.file("plain"))
        for source in ["union", "base", "\"@llama-base\""] {
            let output = folder.file("moved-\(source.count)")
            try Merge.run(recipe(text + "tokenizer_source: \(source)\n"), to: output)
            try expectEqual(
                Checkpoint(at: output),
                Checkpoint(at: folder.file("plain")),
                within: Tolerance(absolute: 0)
            )
            for name in ["tokenizer.json", "tokenizer_config.json", "config.json"] {
                #expect(
                    try read(output.appending(path: name))
                        == read(Models.url("llama-base").appending(path: name))
                )
            }
        }
    }

    @Test(arguments: [1, 3])
    func `has the same bytes for any number of threads`(threads: Int) throws {
        let folder = try ModelFolder()
        let text = union + "tokenizer: {source: union, pad_to_multiple_of: 16}\n"
        try Merge.run(recipe(text), to: folder.file("one"), workers: Workers(2))
        try Merge.run(recipe(text), to: folder.file("two"), workers: Workers(threads))
        #expect(try contents(of: folder.file("one")) == contents(of: folder.file("two")))
    }

    @Test func `keeps what the files say besides`() throws {
        let folder = try ModelFolder()
        let output = folder.file("merged")
        try Merge.run(recipe(union + "tokenizer_source: union\n"), to: output)
        let file = Models.url("llama-base").appending(path: "tokenizer.json")
        let (old, new) = try (
            JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? NSDictionary,
            JSONSerialization.jsonObject(
                with: Data(contentsOf: output.appending(path: "tokenizer.json"))
            ) as? NSDictionary
        )
        for key in ["model", "pre_tokenizer", "decoder", "version"] {
            #expect(old?[key] as? NSObject == new?[key] as? NSObject, "\(key)")
        }
        let recipe = try read(output.appending(path: "mergekit_config.yml"))
        #expect(recipe.contains("tokenizer_source: union"))
        let card = try read(output.appending(path: "README.md"))
        #expect(card.contains("llama-tool/tokenizer.json"))
    }

    @Test func `is in the recipe that goes with the model, token by token`() throws {
        let folder = try ModelFolder()
        let output = folder.file("merged")
        let text =
            union + """
                tokenizer:
                  source: union
                  pad_to_multiple_of: 8
                  tokens:
                    <z>: {source: {kind: zero}}
                    <a>: {source: {kind: model_token, model: "@llama-chat", token: <|end|>}, force: true}
                chat_template: chatml
                """
        let recipe = try recipe(text)
        try Merge.run(recipe, to: output)
        let kept = try Recipe(
            RecipeDocument(read(output.appending(path: "mergekit_config.yml"))),
            methods: MethodSignature.all
        )
        #expect(kept.tokenizer == recipe.tokenizer && kept.chatTemplate == .named(.chatml))
        // New tokens follow in the order of the recipe.
        let tokens = try #require(try TokenList(directory: output))
        let ids = try (#require(tokens.id(of: "<z>")), #require(tokens.id(of: "<a>")))
        #expect(ids.0 + 1 == ids.1 && Int(ids.1) + 1 == tokens.count)
    }

    @Test func `moves the bias of an output with its tokens`() throws {
        let folder = try ModelFolder()
        let output = folder.file("merged")
        let text = """
            merge_method: linear
            base_model: "@bert-base"
            models:
            - {model: "@bert-url", parameters: {weight: 1}}
            tokenizer_source: union
            """
        try Merge.run(recipe(text), to: output)
        let tokens = try #require(try TokenList(directory: output))
        let (base, url) = try (
            #require(try TokenList(directory: Models.url("bert-base"))),
            #require(try TokenList(directory: Models.url("bert-url")))
        )
        let name = "cls.predictions.bias"
        let merged = try Checkpoint(at: output).view(name).tensor()
        #expect(merged.shape == [tokens.count])
        let (own, others) = try (
            Checkpoint(at: Models.url("bert-base")).view(name).tensor(),
            Checkpoint(at: Models.url("bert-url")).view(name).tensor()
        )
        for (id, token) in tokens.tokens {
            // The one model that is merged says what it has; the rest comes from the base.
            let expected =
                try url.id(of: token).map { others[Int($0)] }
                ?? own[Int(#require(base.id(of: token)))]
            #expect(merged[Int(id)] == expected, "\(token)")
        }
    }

    @Test func `of an adapter is the base's, with its change of the table`() throws {
        let folder = try ModelFolder()
        let adapter = folder.file("adapter")
        try FileManager.default.createDirectory(at: adapter, withIntermediateDirectories: true)
        try """
        {"peft_type": "LORA", "r": 1, "lora_alpha": 1, "base_model_name_or_path": "base",
         "target_modules": ["embed_tokens", "lm_head"]}
        """.write(
            to: adapter.appending(path: "adapter_config.json"),
            atomically: true,
            encoding: .utf8
        )
        let base = try Checkpoint(at: Models.url("llama-base"))
        let rows = try base.view("lm_head.weight").shape[0]
        let prefix = "base_model.model."
        let (up, down) = (
            Tensor([rows, 1], (0..<rows).map(Float.init)), Tensor([1, 6], [1, 2, 3, 4, 5, 6])
        )
        try SafeTensors.write(
            [
                (prefix + "lm_head.lora_A.weight", .floats(down)),
                (prefix + "lm_head.lora_B.weight", .floats(up)),
                (prefix + "model.embed_tokens.lora_embedding_A", .floats(up.reshaped([1, rows]))),
                (prefix + "model.embed_tokens.lora_embedding_B", .floats(down.reshaped([6, 1]))),
            ],
            metadata: ["format": "pt"],
            to: adapter.appending(path: "adapter_model.safetensors")
        )
        let text = """
            merge_method: task_arithmetic
            base_model: "@llama-base"
            models:
            - {model: "@llama-chat", parameters: {weight: 0}}
            - {model: "\(adapter.path)", parameters: {weight: 2}}
            tokenizer_source: union
            """
        let output = folder.file("merged")
        try Merge.run(recipe(text), to: output)
        let tokens = try #require(try TokenList(directory: output))
        let own = try #require(try TokenList(directory: Models.url("llama-base")))
        for name in ["lm_head.weight", "model.embed_tokens.weight"] {
            let (merged, table) = try (Checkpoint(at: output).view(name), base.view(name))
            for (id, token) in tokens.tokens where own.id(of: token) != nil {
                let row = try #require(own.id(of: token))
                let expected = try table.rows([row]) + down * (2 * Float(row))
                let excess = try Tolerance(absolute: 1e-4, relative: 1e-6).excess(
                    of: merged.rows([id]).elements,
                    over: expected.elements
                )
                #expect(excess <= 0, "\(name), \(token)")
            }
        }
    }

    @Test func `can be that of files from before tokenizer.json`() throws {
        let folder = try ModelFolder()
        func old(_ model: String) throws -> URL {
            let copy = try folder.copy(Models.url(model), as: model)
            let tokens = try #require(try TokenList(directory: Models.url(model)))
            let plain = tokens.tokens.filter { tokens.isInVocabulary($0.token) }
            try plain.map { $0.token + "\n" }.joined().write(
                to: copy.appending(path: "vocab.txt"),
                atomically: true,
                encoding: .utf8
            )
            let added = tokens.tokens.filter { !tokens.isInVocabulary($0.token) }
            let members = added.map { "\"\($0.token)\": \($0.id)" }.joined(separator: ", ")
            try "{\(members)}".write(
                to: copy.appending(path: "added_tokens.json"),
                atomically: true,
                encoding: .utf8
            )
            return copy
        }
        let (base, url) = try (old("bert-base"), old("bert-url"))
        func merge(_ base: URL, _ url: URL, to name: String) throws -> TokenList {
            let text = """
                merge_method: task_arithmetic
                base_model: "\(base.path)"
                models: [{model: "\(url.path)", parameters: {weight: 0.7}}]
                tokenizer_source: union
                """
            try Merge.run(recipe(text), to: folder.file(name))
            return try #require(try TokenList(directory: folder.file(name)))
        }
        let new = try merge(Models.url("bert-base"), Models.url("bert-url"), to: "new")
        let found = try merge(base, url, to: "old")
        #expect(found.tokens.map(\.token) == new.tokens.map(\.token))
        try expectEqual(
            Checkpoint(at: folder.file("old")),
            Checkpoint(at: folder.file("new")),
            within: Tolerance(absolute: 0)
        )
    }

    @Test(arguments: ["alpaca", "chatml", "exaone", "llama3", "mistral"])
    func `has a chat template by name wherever its files have one`(name: String) throws {
        let folder = try ModelFolder()
        let text = """
            merge_method: linear
            models: [{model: "@llama-base", parameters: {weight: 1}}]
            chat_template: \(name)
            """
        let output = folder.file("merged")
        try Merge.run(recipe(text), to: output)
        let settings = try JSONSerialization.jsonObject(
            with: Data(contentsOf: output.appending(path: "tokenizer_config.json"))
        )
        let template = (settings as? [String: Any])?["chat_template"] as? String
        #expect(try template == read(output.appending(path: "chat_template.jinja")))
        #expect(template?.contains("message['content']") == true)
        // One line, which means the same whether blocks are trimmed or not.
        #expect(template?.contains("\n") == false)
    }

    @Test func `says in a plan what it will be`() throws {
        let folder = try ModelFolder()
        let plan = try MergePlan(
            recipe(
                union + "tokenizer: {source: union, pad_to_multiple_of: 32}\nchat_template: auto\n"
            ),
            workers: Workers(1)
        )
        let summary = try #require(plan.vocabulary)
        let output = folder.file("merged")
        try Merge.run(recipe(union + "tokenizer: {pad_to_multiple_of: 32}\n"), to: output)
        let table = try Checkpoint(at: output).view("model.embed_tokens.weight")
        let tokens = try #require(try TokenList(directory: output))
        #expect(summary.rows == table.shape[0] && summary.tokens == tokens.count)
        #expect(Set(summary.tables) == ["model.embed_tokens.weight", "lm_head.weight"])
        #expect(summary.models.map(\.name) == ["llama-base", "llama-chat", "llama-tool"])
        #expect(summary.models[1].added.contains("<|user|>"))
        #expect(summary.models[2].added == ["<tool>"])
        let checkpoint = try Checkpoint(at: output)
        #expect(try plan.disk == checkpoint.views(checkpoint.names).reduce(0) { $0 + $1.byteCount })
        let text = plan.text(width: 80)
        for part in ["union: 56 tokens, 64 rows", "<tool>", "chat template"] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test func `comes with notes on what to look at`() throws {
        let folder = try ModelFolder()
        let base = try folder.copy(Models.url("llama-base"), as: "base")
        let file = base.appending(path: "config.json")
        try read(file).replacingOccurrences(
            of: "\"eos_token_id\": 2",
            with: "\"eos_token_id\": [1, 20]"
        )
        .write(to: file, atomically: true, encoding: .utf8)
        try FileManager.default.copyItem(
            at: Models.url("llama-base").appending(path: "tokenizer.json"),
            to: base.appending(path: "tokenizer.json")
        )
        let text = """
            merge_method: task_arithmetic
            base_model: "\(base.path)"
            models:
            - {model: "@llama-chat", parameters: {weight: 0.5}}
            - {model: "@llama-bare", parameters: {weight: 0.5}}
            tokenizer:
              source: "@llama-chat"
              tokens: {<nobody>: {}}
            """
        let notes = try MergePlan(recipe(text), workers: Workers(1)).vocabulary?.notes ?? []
        #expect(notes.contains { $0.contains("llama-bare has no tokenizer") })
        #expect(notes.contains { $0.contains("<nobody>") && $0.contains("zeros") })
        #expect(notes.contains { $0.contains("eos_token_id 20") && $0.contains("change it to") })
        #expect(!notes.contains { $0.contains("eos_token_id 1,") })
    }

    @Test func `may have ids without a token, whose rows are the mean of the others`() throws {
        let folder = try ModelFolder()
        func gapped(_ name: String) throws -> URL {
            let copy = try folder.copy(Models.url("llama-base"), as: name)
            let tokenizer = try read(Models.url("llama-base").appending(path: "tokenizer.json"))
            // The last word of the vocabulary is not there, and one behind it is.
            let ids = try #require(try TokenList(directory: Models.url("llama-base"))).tokens
            let last = try #require(ids.last)
            try tokenizer.replacingOccurrences(
                of: "\"\(last.token)\": \(last.id)",
                with: "\"\(last.token)\": \(last.id + 1)"
            ).write(to: copy.appending(path: "tokenizer.json"), atomically: true, encoding: .utf8)
            return copy
        }
        let text = """
            merge_method: linear
            models: [{model: "\(try gapped("base").path)", parameters: {weight: 1}}]
            tokenizer_source: base
            """
        #expect(throws: VocabularyError.self) {
            try Merge.run(recipe(text), to: folder.file("none"))
        }
        let wide = try folder.copy(try gapped("narrow"), as: "wide") { view in
            guard TokenTables.contains(view.name) else { return .stored(view) }
            return .floats(
                Tensor(joiningRowsOf: [try view.tensor(), Tensor([1, 6], repeating: 9)])
            )
        }
        try FileManager.default.copyItem(
            at: folder.file("narrow/tokenizer.json"),
            to: wide.appending(path: "tokenizer.json")
        )
        try Merge.run(
            recipe(
                """
                merge_method: linear
                models: [{model: "\(wide.path)", parameters: {weight: 1}}]
                tokenizer_source: base
                """
            ),
            to: folder.file("merged")
        )
        for name in ["lm_head.weight", "model.embed_tokens.weight"] {
            let (old, new) = try (
                Checkpoint(at: wide).view(name).tensor(),
                Checkpoint(at: folder.file("merged")).view(name).tensor()
            )
            let rows = old.shape[0]
            #expect(new.shape == [rows, 6])
            let used = (0..<Int32(rows)).filter { $0 != Int32(rows) - 2 }
            let mean = (0..<6).map { column in
                used.reduce(0.0) { $0 + Double(old[Int($1) * 6 + column]) } / Double(used.count)
            }
            #expect(new.rows(used).elements == old.rows(used).elements)
            #expect(new.rows([Int32(rows) - 2]).elements == mean.map { Float($0) })
        }
    }
}
