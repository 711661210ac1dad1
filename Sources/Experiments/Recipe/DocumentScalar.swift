/// A scalar of a YAML document: its text, and what the text means where nothing marks it as text.
struct DocumentScalar: Equatable, Sendable {
    /// What is written, without quotes.
    var text: String
    /// Whether quotes, a block style or a tag make it text, whatever it looks like.
    var isText = false
}

extension DocumentScalar {
    var isNull: Bool {
        !isText && ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The spellings of YAML 1.1, as the Python tools read them.
    var boolean: Bool? {
        guard !isText else { return nil }
        return switch text {
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": true
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": false
        default: nil
        }
    }

    /// A decimal number; `1e-3`, which YAML 1.1 takes for text, is one too.
    ///
    /// Numbers with leading zeros are octal in one version of YAML and decimal in the next, and
    /// `1:30` is 90 in one and text in the other: these count as text, so that a reader that
    /// expects a number refuses them.
    var number: Double? {
        guard !isText else { return nil }
        switch text {
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .infinity
        case "-.inf", "-.Inf", "-.INF": return -.infinity
        case ".nan", ".NaN", ".NAN": return .nan
        default: return decimal.flatMap { Double($0) }
        }
    }

    /// A whole number, however it is written.
    var integer: Int? {
        decimal.flatMap { Int($0) } ?? number.flatMap { Int(exactly: $0) }
    }

    /// The text without the underscores that may group its digits, if it can be a number.
    private var decimal: String? {
        guard !isText else { return nil }
        let unsigned =
            text.utf8.first.map("+-".utf8.contains) == true ? text.dropFirst() : text[...]
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = unsigned.utf8.first, digits.contains(first) || first == UInt8(ascii: ".")
        else { return nil }
        let second = unsigned.utf8.dropFirst().first
        guard first != UInt8(ascii: "0") || !(second.map(digits.contains) ?? false) else {
            return nil
        }
        guard unsigned.utf8.allSatisfy({ digits.contains($0) || "+-._eE".utf8.contains($0) })
        else { return nil }
        return text.filter { $0 != "_" }
    }
}
