internal import Checkpoints
internal import FoundationEssentials

extension ChatTemplate {
    /// The Jinja text that it means for some models, the base first.
    ///
    /// Of `auto` that is the template that most of them have, of several the first one's, white space
    /// around it aside; `nil` where none has any.
    func text(among models: [ModelDirectory]) throws -> String? {
        switch self {
        case .named(let name): return name.text
        case .inline(let text): return text
        case .auto:
            let found = try models.compactMap { try $0.chatTemplate }
            let counts = found.reduce(into: [:]) { $0[Array($1.utf8), default: 0] += 1 }
            let most = counts.values.max()
            return found.first { counts[Array($0.utf8)] == most }
        }
    }
}

extension ModelDirectory {
    /// The chat template that a tokenizer in this directory has, without white space around it.
    fileprivate var chatTemplate: String? {
        get throws {
            let text =
                if let file = try companion("chat_template.jinja") {
                    String(validating: file, as: UTF8.self)
                } else if let file = try companion("tokenizer_config.json") {
                    try? JSONDecoder().decode(Settings.self, from: file).template
                } else { String?.none }
            guard let text else { return nil }
            let trimmed = text.trimmed
            return trimmed.isEmpty ? nil : trimmed
        }
    }

    /// What `tokenizer_config.json` says: one template, or several with names.
    private struct Settings: Decodable {
        struct Named: Decodable {
            var name: String
            var template: String
        }

        var template: String?

        private enum Key: String, CodingKey { case template = "chat_template" }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            let all = try? container.decode([Named].self, forKey: .template)
            template =
                all?.first { $0.name == "default" }?.template
                ?? (try? container.decode(String.self, forKey: .template))
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        let scalars = unicodeScalars.drop { $0.properties.isWhitespace }
        let end = scalars.lastIndex { !$0.properties.isWhitespace }
        return end.map { String(scalars[...$0]) } ?? ""
    }
}
