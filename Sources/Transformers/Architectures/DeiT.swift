internal import Autograd
internal import Tensors

/// DeiT (Touvron and others, 2021, arXiv:2012.12877): ViT with a token for distillation.
extension ViT {
    static func deit(_ c: Configuration, _ p: Parameters, pools: Bool = true) throws -> ViT {
        try ViT(c, p, tokens: ["cls_token", "distillation_token"], pools: pools)
    }
}

/// DeiT with a linear classifier on the class token.
struct DeiTForImageClassification: Transformer {
    let deit: ViT
    let classifier: Linear

    init(_ c: ViT.Configuration, _ p: Parameters) throws {
        deit = try .deit(c, p["deit"], pools: false)
        classifier = try Linear(p["classifier"], from: c.hiddenSize, to: c.labels(c.id2label))
    }

    var pictures: PictureShape? { deit.pictures }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        let trunk = try deit.trunk(input)
        let features = Deferred { deit.classToken(trunk) }
        return ModelOutput(
            [.init("logits", per: .example, classifier(features.value))],
            trunk: trunk,
            features: features
        )
    }
}

/// DeiT with classifiers on the class token and on the distillation token; the mean decides.
struct DeiTForImageClassificationWithTeacher: Transformer {
    let deit: ViT
    let classifier, distillation: Linear

    init(_ c: ViT.Configuration, _ p: Parameters) throws {
        deit = try .deit(c, p["deit"], pools: false)
        let labels = try c.labels(c.id2label)
        classifier = try Linear(p["cls_classifier"], from: c.hiddenSize, to: labels)
        distillation = try Linear(p["distillation_classifier"], from: c.hiddenSize, to: labels)
    }

    var pictures: PictureShape? { deit.pictures }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        let trunk = try deit.trunk(input)
        let tokens = deit.norm(trunk.rows(at: 0, 1))  // [2 · pictures, hidden]
        let pairs = Sequences(count: trunk.sequences.count, length: 2)
        let own = classifier(tokens.rows(pairs.rows(at: 0)))
        let taught = distillation(tokens.rows(pairs.rows(at: 1)))
        return ModelOutput(
            [
                .init("logits", per: .example, (own + taught) * 0.5),
                .init("cls_logits", per: .example, own),
                .init("distillation_logits", per: .example, taught),
            ],
            trunk: trunk
        )
    }
}
