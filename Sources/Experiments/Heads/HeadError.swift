/// Why a task cannot be answered with the head that its recipe gives it.
public enum HeadError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The expert has no classifier, and the task names no head.
    case noClassifier(task: String, expert: String, architecture: String)
    /// The head's file has no rows.
    case noWeight(file: String, found: [String])
    /// A tensor of the head's file has the wrong shape.
    case shape(file: String, tensor: String, expected: String, found: [Int])
    /// The rows are not as wide as what the expert gives them.
    case width(head: String, task: String, expert: String, expected: Int, found: Int)
    /// A tensor of the head's file holds NaN or infinity.
    case notFinite(file: String, tensor: String, position: Int)
    /// A row to compare with has no direction.
    case zeroRow(file: String, row: Int)
    /// A bias would be ignored.
    case biasBesideCosine(file: String)
    /// The task asks for cosines and has nothing to compare with.
    case cosineWithoutHead(task: String)
    /// The expert answers with a classifier, which gives no features.
    case cosineOfClassifier(task: String, expert: String, architecture: String)
    /// The expert has more than one classifier.
    case severalClassifiers(task: String, architecture: String, names: [String])
    /// The model has no features.
    case noFeatures(head: String, outputs: [String])
    /// Nobody names the classes.
    case noClassNames(task: String)
    /// A template has no place for the name of a class.
    case noPlaceholder(task: String, template: String)
    /// There is no text tower to turn names into a head.
    case noTextTower(task: String, places: [String])
    /// The text tower has no tokenizer.
    case noTokenizer(task: String, places: [String])

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .noClassifier(let task, let expert, let architecture):
            "Task \(task) is answered by \(expert), a \(architecture), which has no classifier; "
                + "give the task a head: FILE.safetensors or, for CLIP, prompts."
        case .noWeight(let file, let found):
            "\(file) has no tensor weight [classes, width]; it holds "
                + (found.isEmpty ? "none" : found.prefix(8).joined(separator: ", "))
                + (found.count > 8 ? ", …" : "") + ": save the head's rows under that name."
        case .shape(let file, let tensor, let expected, let found):
            "\(file): \(tensor) has shape \(found), but must be \(expected)."
        case .width(let head, let task, let expert, let expected, let found):
            "\(head): weight has rows of \(found) numbers, but \(expert), which answers task "
                + "\(task), gives \(expected); take a head that was made for this model."
        case .notFinite(let file, let tensor, let position):
            "\(file): \(tensor) holds NaN or infinity at element \(position); repair or replace "
                + "the file."
        case .zeroRow(let file, let row):
            "\(file): row \(row) of weight is zero, and similarity: cosine compares directions; "
                + "repair the file, or use similarity: dot."
        case .biasBesideCosine(let file):
            "\(file) has a bias, which similarity: cosine has no use for; remove it, or use "
                + "similarity: dot."
        case .cosineWithoutHead(let task):
            "Task \(task) has similarity: cosine and nothing to compare with; give it a head or "
                + "prompts, or remove similarity."
        case .cosineOfClassifier(let task, let expert, let architecture):
            "Task \(task) compares by cosine, but \(expert) is a \(architecture), which gives "
                + "logits and no features; use similarity: dot, or an expert without classifier."
        case .severalClassifiers(let task, let architecture, let names):
            "Task \(task) has a head, but a \(architecture) has several classifiers ("
                + names.joined(separator: ", ") + "); remove head to use the expert's own."
        case .noFeatures(let head, let outputs):
            "\(head) reads image_embeds, text_embeds or pooler_output, and the model gives "
                + outputs.joined(separator: ", ")
                + "; use an expert that was saved with its pooler."
        case .noClassNames(let task):
            "Task \(task) has prompts and no names of classes; list them under prompts.classes, or "
                + "put a labels.json beside the data."
        case .noPlaceholder(let task, let template):
            "Task \(task): the template “\(template)” has no {} where the name of a class goes; "
                + "add it."
        case .noTextTower(let task, let places):
            "Task \(task) has prompts, but there is no text tower with projection (a CLIPModel or "
                + "CLIPTextModelWithProjection) in \(places.joined(separator: " or ")); name the "
                + "whole CLIP as base_model, or give the task a head: FILE.safetensors."
        case .noTokenizer(let task, let places):
            "Task \(task) has prompts, but there is no tokenizer.json or vocab.json in "
                + places.joined(separator: " or ") + "; copy it from the model's page."
        }
    }
}
