extension String {
    /// The text in lines of at most so many columns, broken between words where that is possible.
    ///
    /// A word that is longer than a line is broken behind punctuation, as the names of parameters
    /// are behind their dots, and else where the line ends.
    package func wrapped(toWidth width: Int) -> [String] {
        guard displayWidth > width else { return [self] }
        let width = max(1, width)
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ") {
            for (index, piece) in String(word).pieces(ofWidth: width).enumerated() {
                let isContinuation = index > 0
                if line.isEmpty {
                    line = piece
                } else if !isContinuation, line.displayWidth + 1 + piece.displayWidth <= width {
                    line += " " + piece
                } else {
                    lines.append(line)
                    line = piece
                }
            }
        }
        return lines + [line]
    }

    /// A word cut into pieces that each fit a line.
    private func pieces(ofWidth width: Int) -> [String] {
        var pieces: [String] = []
        var rest = self
        while rest.displayWidth > width {
            var piece = rest.prefix(ofWidth: width)
            // A character that is wider than the line still has to go somewhere.
            if piece.isEmpty { piece = rest.prefix(1) }
            if let end = piece.lastIndex(where: { "./_-,:;".contains($0) }) {
                piece = piece[...end]
            }
            pieces.append(String(piece))
            rest = String(rest[piece.endIndex...])
        }
        return rest.isEmpty ? pieces : pieces + [rest]
    }
}
