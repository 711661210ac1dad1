/// Text from outside for use in a message: in quotation marks, without control characters that
/// could rewrite a terminal, and no longer than a reader wants.
func quoted(_ text: String) -> String {
    let limit = 60
    var result = ""
    for scalar in text.unicodeScalars.prefix(limit) {
        result += isPrintable(scalar) ? "\(scalar)" : "\u{fffd}"
    }
    return "“\(result)\(text.unicodeScalars.count > limit ? "…" : "")”"
}

/// Many findings as one list, cut where nobody would read on.
func listed(_ items: [String], separator: String = ", ", limit: Int = 20) -> String {
    let shown = items.prefix(limit).joined(separator: separator)
    return items.count > limit ? "\(shown)\(separator)and \(items.count - limit) more" : shown
}

private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
        .paragraphSeparator:
        false
    default: true
    }
}
