extension Unicode.Scalar {
    /// The columns of a terminal that the scalar takes, near enough for tables and bars.
    var displayWidth: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // The vowels and final consonants of Hangul join the consonant before them.
        if (0x1160...0x11FF).contains(value) { return 0 }
        return Self.wide.contains { $0.contains(value) } ? 2 : 1
    }

    /// The blocks that are wide in Unicode's East Asian Width, and the emoji.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
        0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]

    /// Whether a terminal shows the scalar and does nothing else.
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        default: true
        }
    }
}

extension StringProtocol {
    /// The columns of a terminal that the text takes.
    package var displayWidth: Int { unicodeScalars.reduce(0) { $0 + $1.displayWidth } }
}

extension String {
    /// The text without anything that could rewrite a terminal: names come from files of strangers.
    package var printable: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            text.unicodeScalars.append(scalar.isPrintable ? scalar : "\u{FFFD}")
        }
    }

    /// The text, its end replaced by an ellipsis where it takes more columns than there are.
    package func clipped(toWidth width: Int) -> String {
        guard displayWidth > width else { return self }
        return String(prefix(ofWidth: width - 1)) + (width > 0 ? "…" : "")
    }

    /// The text, its middle replaced by an ellipsis where it takes more columns than there are.
    package func clippedInside(toWidth width: Int) -> String {
        guard displayWidth > width, width > 2 else { return clipped(toWidth: width) }
        let head = prefix(ofWidth: width / 2)
        let tail = String(
            String(reversed()).prefix(ofWidth: width - 1 - head.displayWidth).reversed()
        )
        return head + "…" + tail
    }

    /// As many characters from the start as fit a number of columns.
    func prefix(ofWidth width: Int) -> Substring {
        var left = width
        return prefix { character in
            left -= String(character).displayWidth
            return left >= 0
        }
    }

    /// The text with blanks at one side, up to a number of columns.
    package func padded(toWidth width: Int, isRight: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - displayWidth))
        return isRight ? blanks + self : self + blanks
    }
}
