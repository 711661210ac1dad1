/// The chat template that a merged model gets.
public enum ChatTemplate: Hashable, Sendable {
    /// The most common one among the models.
    case auto
    /// One that mergekit knows by name.
    case named(Name)
    /// A Jinja template.
    case inline(String)

    /// The templates that mergekit knows.
    public enum Name: String, CaseIterable, Sendable {
        /// Alpaca's.
        case alpaca
        /// ChatML.
        case chatml
        /// EXAONE's.
        case exaone
        /// Llama 3's.
        case llama3
        /// Mistral's.
        case mistral
    }
}

extension ValueReader {
    func chatTemplate() -> ChatTemplate? {
        guard let text = text("a chat template") else { return nil }
        if text == "auto" { return .auto }
        if let name = ChatTemplate.Name(rawValue: text) { return .named(name) }
        // mergekit's own rule for what is meant as a template.
        if text.count >= 20, text.contains("{") { return .inline(text) }
        let names = ["auto"] + ChatTemplate.Name.allCases.map(\.rawValue)
        let nearest = Spelling.nearest(to: text, among: names)
        report(.unknownName(kind: "chat template", text, nearest: nearest, known: names))
        return nil
    }
}

extension ChatTemplate {
    var document: DocumentValue {
        switch self {
        case .auto: .text("auto")
        case .named(let name): .text(name.rawValue)
        case .inline(let template): .text(template)
        }
    }
}
