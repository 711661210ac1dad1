internal import Merging
internal import Presentation
internal import Tasks

/// The model card of a merged model: what it was made from, how, how well it does, and how to make
/// it again.
public struct ModelCard: Sendable {
    /// A file that the model was made from.
    public struct Input: Sendable, Equatable, Codable {
        /// The model that it belongs to, and its own name.
        public let name: String
        /// The SHA-256 of its content.
        public let sha256: String
    }

    let method: MethodCard
    /// The models that were merged, the base first, as they are to be called.
    let models: [String]
    /// The task whose head the model has.
    let task: String?
    /// The recipe as YAML.
    let recipe: String
    /// What is to be known of the recipe.
    let remark: String?
    /// The scores of the run that learned the merge.
    let results: [TaskEvaluation]
    /// The commands that make the model again, word by word.
    let commands: [[String]]
    /// The files that it was made from.
    var inputs: [Input] = []
    /// What is to be said of how it was computed.
    var notes: [String] = []

    /// The card as Markdown, with the front matter that model hubs read.
    func text() throws -> String {
        let parts: [String?] = [
            try frontMatter, introduction,
            section("Method", method.lines + notes.flatMap { ["", $0] }),
            section("Models", models.map { "- \(Markdown.code($0))" }),
            section("Results", resultLines),
            section("Recipe", [remark, Markdown.block(recipe, "yaml")].compactMap(\.self)),
            section("Inputs", Markdown.table(["file", "SHA-256"], inputs.map(\.row))),
            section("Reproduce", [Markdown.block(commandLines, "sh")]),
        ]
        return parts.compactMap(\.self).joined(separator: "\n\n") + "\n"
    }

    private var frontMatter: String {
        get throws {
            let document = DocumentValue.map([
                ("base_model", .list(models.map(DocumentValue.text))),
                ("base_model_relation", .text("merge")),
                ("library_name", .text("transformers")),
                ("tags", .list(["merganser", "merge"].map(DocumentValue.text))),
            ])
            return "---\n" + (try document.yaml()) + "---"
        }
    }

    private var introduction: String {
        let names = models.map(Markdown.code).joined(separator: ", ")
        let head = task.map { ", with the head of the task \(Markdown.code($0))" } ?? ""
        return "# Merged model\n\nA merge of \(names)\(head), made with Merganser."
    }

    private func section(_ title: String, _ lines: [String]) -> String? {
        lines.isEmpty ? nil : "## \(title)\n\n" + lines.joined(separator: "\n")
    }

    private var resultLines: [String] {
        guard !results.isEmpty else { return [] }
        let order = ["base", "initial", "merged", "expert"]
        let names = Set(results.flatMap(\.scores.keys))
        let columns = order.filter(names.contains) + names.subtracting(order).sorted()
        let rows = results.map { result in
            [result.task, result.split + (result.transductive ? " (adapted on)" : "")]
                + ["\(result.examples)"]
                + columns.map { result.scores[$0]?.accuracy.map(Markdown.percent) ?? "–" }
        }
        return ["Accuracy in percent.", ""]
            + Markdown.table(["task", "split", "examples"] + columns, rows)
    }

    private var commandLines: String {
        commands.map { $0.map(\.shellQuoted).joined(separator: " ") }.joined(separator: "\n")
    }
}

extension ModelCard.Input {
    fileprivate var row: [String] { [name, Markdown.code(sha256)] }
}

extension MethodCard {
    fileprivate var lines: [String] {
        ["\(Markdown.code(name)): \(summary).", "", Markdown.block(equation, "text"), "", source]
    }
}

extension String {
    /// The text as one word of a shell's command.
    var shellQuoted: String {
        let isPlain = utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./=:,@+%".utf8.contains(byte)
            }
        }
        return isPlain && !isEmpty ? self : "'" + replacing("'", with: "'\\''") + "'"
    }
}

extension [String] {
    /// The words as a command that can be typed where the program is found by its name.
    var commandLine: String {
        enumerated().map { index, word in
            (index == 0 ? String(word.split(separator: "/").last ?? "") : word).shellQuoted
        }.joined(separator: " ")
    }
}
