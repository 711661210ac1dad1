import FoundationEssentials
import Testing

@testable import Experiments

@Suite struct `Models of a recipe` {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch("base/", "deep/er/model/", "odd@name+x/", "lora/", "work/only/")
    }

    private func model(_ yaml: String) throws -> ModelReference {
        let reading = RecipeReading(
            try scratch.document("{m: \(yaml)}"),
            workingDirectory: scratch.url.appending(path: "work")
        )
        let model = reading.root?["m"]?.model()
        guard reading.problems.isEmpty, let model else { throw reading.error }
        return model
    }

    private func directory(_ name: String, _ revision: String? = nil) -> ModelReference.Source {
        .init(.directory(scratch.path(name)), revision: revision)
    }

    @Test func `a directory is sought beside the recipe, then in the working directory`() throws {
        #expect(try model("base") == ModelReference(directory("base")))
        #expect(try model("./deep/er/../er/model/") == ModelReference(directory("deep/er/model")))
        #expect(try model("only") == ModelReference(directory("work/only")))
        #expect(try model("\(scratch.path("lora"))") == ModelReference(directory("lora")))
    }

    @Test func `a revision and an adapter follow the path`() throws {
        let hub = ModelReference.Source(.hub("owner/name"), revision: "v1.0")
        #expect(try model("owner/name@v1.0") == ModelReference(hub))
        #expect(
            try model("base+lora") == ModelReference(directory("base"), adapter: directory("lora"))
        )
        #expect(
            try model("owner/name@v1.0+lora@main")
                == ModelReference(hub, adapter: directory("lora", "main"))
        )
    }

    @Test func `a directory may have an at sign and a plus in its name`() throws {
        let odd = ModelReference(directory("odd@name+x"))
        #expect(try model("odd@name+x") == odd)
        let written = try DocumentValue.map([("m", odd.document)]).yaml()
        let reading = RecipeReading(try scratch.document(written), workingDirectory: nil)
        #expect(reading.root?["m"]?.model() == odd)
    }

    @Test func `the map form says the same`() throws {
        let full = ModelReference(
            directory("base", "r"),
            adapter: .init(.hub("owner/lora")),
            architecture: "LlamaForCausalLM"
        )
        let yaml = """
            {model: {path: base, revision: r}, lora: owner/lora, \
            override_architecture: LlamaForCausalLM}
            """
        #expect(try model(yaml) == full)
        #expect(try model("{model: base@r}") == ModelReference(directory("base", "r")))
        #expect(try model("{model: {path: base}}") == ModelReference(directory("base")))
    }

    @Test(arguments: ["gpt2", "owner/name", "o-w.n_er/n", "models/missing"])
    func `what is nowhere but may be an id is one`(text: String) throws {
        #expect(try model(text) == ModelReference(.init(.hub(text))))
    }

    @Test func `an absolute path stands as it is`() throws {
        #expect(try model("/not/../there/") == ModelReference(.init(.directory("/there"))))
    }

    @Test(arguments: [
        ("base", "base"), ("owner/name@r", "name"), ("base+lora", "lora"), ("/a/b/", "b"),
    ])
    func `a model is called by the end of its path`(text: String, name: String) throws {
        #expect(try model(text).name == name)
    }

    @Test(arguments: [
        ("../no-model", "`m`: ../no-model was not found in <A> or <A>/work."),
        ("a/b/c", "`m`: a/b/c was not found in <A> or <A>/work."),
        ("./x", "`m`: ./x was not found in <A> or <A>/work."),
        ("base+./x", "`m`: ./x was not found in <A> or <A>/work."),
        ("a@b@c", "`m`: a@b@c is not a model: more than one @ stands in it."),
        ("a+b+c", "`m`: a+b+c is not a model: more than one + stands in it."),
        ("a@", "`m`: a@ is not a model: no revision follows the @."),
        ("+a", "`m`: `+a` is not a model: it names no path."),
        ("[a]", "`m` must be a model: a directory, or an id of the Hub, found a list."),
        ("{model: {}}", "the key `m.model.path` is missing."),
        ("{path: base, model: base}", "`m.path` does not belong here; move it under `m.model`."),
    ])
    func `what is no model is refused`(yaml: String, sentence: String) {
        #expect {
            try model(yaml)
        } throws: { error in
            let text = String(describing: error)
            return text.hasSuffix(sentence.replacing("<A>", with: scratch.url.path))
        }
    }
}
