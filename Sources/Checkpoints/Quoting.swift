/// Text from a file for use inside a message: in quotation marks, without control characters that
/// could rewrite a terminal, and no longer than a reader wants.
package func quoted(_ text: String) -> String {
    let limit = 120
    var result = ""
    for scalar in text.unicodeScalars.prefix(limit) {
        result += scalar.properties.generalCategory.isPrintable ? "\(scalar)" : "\u{fffd}"
    }
    return "“\(result)\(text.unicodeScalars.count > limit ? "…" : "")”"
}

/// Many findings as one list, cut where nobody would read on.
package func listed(_ items: [String], separator: String = ", ", limit: Int = 20) -> String {
    let shown = items.prefix(limit).joined(separator: separator)
    return items.count > limit ? "\(shown)\(separator)and \(items.count - limit) more" : shown
}

extension Unicode.GeneralCategory {
    fileprivate var isPrintable: Bool {
        switch self {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        default: true
        }
    }
}
