internal import Checkpoints
internal import Foundation
internal import Tensors

/// Damage done to inputs on purpose, to see what a merge still learns from them and still answers.
///
/// Of a text, each letter is with the given probability left out, doubled, replaced by another of the
/// same text or exchanged with the next: what fingers do on a keyboard, in any language. It depends on
/// the seed and on the text alone, so a text is damaged in one way wherever it stands.
public struct Corruption: Hashable, Sendable {
    /// The probability of each letter to be damaged.
    public let rate: Double
    /// The seed of the damage.
    public let seed: UInt64

    /// Damage of so many letters; none at rate 0.
    public init(rate: Double, seed: UInt64 = 0) {
        precondition((0...1).contains(rate), "a rate of \(rate)")
        (self.rate, self.seed) = (rate, seed)
    }

    /// A text with its damage.
    public func text(_ text: String) -> String {
        var generator = SeededGenerator(seed: seed, text)
        let letters = Array(text)
        var damaged: [Character] = []
        var index = 0
        while index < letters.count {
            defer { index += 1 }
            let letter = letters[index]
            // Three numbers for each letter, so that a letter's damage does not move the next one's.
            let (chance, kind, other) = (generator.uniform(), generator.next(), generator.next())
            guard letter.isLetter, Double(chance) < rate else {
                damaged.append(letter)
                continue
            }
            switch kind % 4 {
            case 0: break
            case 1: damaged += [letter, letter]
            case 2:
                damaged.append(
                    letters[Int(other.multipliedFullWidth(by: UInt64(letters.count)).high)]
                )
            default:
                if index + 1 < letters.count {
                    damaged += [letters[index + 1], letter]
                    index += 1
                } else {
                    damaged.append(letter)
                }
            }
        }
        return String(damaged)
    }
}

extension UnlabeledExamples {
    /// The same examples, their inputs damaged.
    ///
    /// - Throws: ``DataError/notDamaged(_:)`` for inputs that are no texts.
    public func damaged(by corruption: Corruption) throws -> UnlabeledExamples {
        guard corruption.rate > 0 else { return self }
        return UnlabeledExamples(
            selection: selection,
            inputs: try inputs.map { input in
                guard case .text(let text, let pair) = input else {
                    throw DataError.notDamaged(selection.file)
                }
                return .text(corruption.text(text), pair: pair.map(corruption.text))
            },
            lines: lines,
            place: place
        )
    }
}
