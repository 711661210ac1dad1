internal import Autograd
public import Tensors
internal import Transformers

/// What turns a model's features into logits: a row of numbers for each class.
public struct LinearHead: Sendable {
    /// The rows of the classes, `[classes, width]`.
    public let weight: Tensor
    /// What is added to the logits of each class, `[classes]`.
    public let bias: Tensor?
    /// How features are compared with the rows.
    public let similarity: TaskHead.Similarity
    /// The names of the classes, where the head was made from them.
    public let classNames: [String]?
    /// What errors call the head: its file, or the texts it was made of.
    let name: String

    /// A head of the given rows.
    init(
        _ weight: Tensor,
        bias: Tensor? = nil,
        similarity: TaskHead.Similarity,
        classNames: [String]? = nil,
        named name: String
    ) {
        (self.weight, self.bias, self.similarity) = (weight, bias, similarity)
        (self.classNames, self.name) = (classNames, name)
    }

    /// The logits of rows of features, `[examples, width]` to `[examples, classes]`.
    ///
    /// By inner product they are `x·Wᵀ + b`; by cosine `100 · x/|x| · (W/|W|)ᵀ`, row by row, as
    /// zero-shot CLIP's are (arXiv:2103.00020).
    func callAsFunction(_ features: Variable) -> Variable {
        let rows = Variable(constant: weight)
        return switch similarity {
        case .dot: .linear(features, rows, bias: bias.map(Variable.init(constant:)))
        case .cosine: .linear(features.unitRows(), rows.unitRows()) * 100
        }
    }
}

/// A model without classifier whose features a head turns into logits.
struct HeadedModel: Transformer {
    let model: any Transformer
    let head: LinearHead

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        let output = try model(input)
        let names = ["image_embeds", "text_embeds", "pooler_output"]
        guard let features = names.lazy.compactMap({ output[$0] }).first else {
            throw HeadError.noFeatures(head: head.name, outputs: output.entries.map(\.name))
        }
        return output.adding([.init("logits", per: .example, head(features))], from: features)
    }
}
