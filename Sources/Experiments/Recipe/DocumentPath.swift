/// Where a value stands in a document: `models.0.parameters.weight`.
///
/// The same spelling serves messages and `--set`, so that what a message names can be typed.
struct DocumentPath: Hashable, Sendable, CustomStringConvertible {
    var components: [String] = []

    func appending(_ component: String) -> DocumentPath {
        DocumentPath(components: components + [component])
    }

    func appending(_ index: Int) -> DocumentPath {
        appending(String(index))
    }

    var description: String {
        components
            .map { $0.isEmpty || $0.contains(where: { ".=\" ".contains($0) }) ? "\"\($0)\"" : $0 }
            .joined(separator: ".")
    }
}

extension DocumentPath {
    /// Reads components between dots; one with a dot of its own stands in double quotes.
    ///
    /// The rest is what follows the `=`; without one, or where a component is empty, there is no
    /// assignment.
    static func assignment(_ text: String) -> (path: DocumentPath, value: String)? {
        var (components, component) = ([String](), "")
        var (isQuoted, wasQuoted) = (false, false)
        for index in text.indices {
            let character = text[index]
            switch character {
            case "\"":
                isQuoted.toggle()
                wasQuoted = true
            case "." where !isQuoted, "=" where !isQuoted:
                guard wasQuoted || !component.isEmpty else { return nil }
                components.append(component)
                (component, wasQuoted) = ("", false)
                if character == "=" {
                    let value = String(text[text.index(after: index)...])
                    return (DocumentPath(components: components), value)
                }
            default: component.append(character)
            }
        }
        return nil
    }
}
