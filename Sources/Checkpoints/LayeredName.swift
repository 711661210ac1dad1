/// The name of a tensor in one of a model's layers: `model.layers`, 3, `mlp.up_proj.weight`.
///
/// The first list of layers in a name counts, so that a T5 block (`encoder.block.2.layer.1.…`) is one
/// layer, and so is one with a list of experts in it.
public struct LayeredName: Hashable, Sendable {
    /// What the list of layers is called, with all that stands before it.
    public let list: String
    /// The number of the layer, from 0.
    public let layer: Int
    /// What follows.
    public let rest: String

    /// What lists of layers are called, in the names of tensors.
    private static let lists: Set<Substring> = [
        "layers", "layer", "h", "block", "blocks", "resblocks",
    ]

    /// Takes a name apart; `nil` for a tensor outside the layers.
    public init?(_ name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        for (place, (list, number)) in zip(parts, parts.dropFirst()).dropLast().enumerated()
        where Self.lists.contains(list) {
            guard let layer = Self.number(number) else { continue }
            self.list = parts[...place].joined(separator: ".")
            self.layer = layer
            rest = parts[(place + 2)...].joined(separator: ".")
            return
        }
        return nil
    }

    private init(list: String, layer: Int, rest: String) {
        (self.list, self.layer, self.rest) = (list, layer, rest)
    }

    /// The whole name.
    public var name: String { "\(list).\(layer).\(rest)" }

    /// A tensor's name with the number of its layer left out of account: that of the first layer.
    public static func pattern(of name: String) -> String {
        LayeredName(name)?.moved(to: 0).name ?? name
    }

    /// The same tensor in another layer.
    public func moved(to layer: Int) -> LayeredName {
        LayeredName(list: list, layer: layer, rest: rest)
    }

    /// A number as it counts layers: plain digits, and few enough that sums of them are numbers.
    private static func number(_ text: Substring) -> Int? {
        let digits = text.utf8
        guard (1...6).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        // Two spellings of one number would be two names of one layer.
        return digits.count > 1 && digits.first == 0x30 ? nil : Int(text)
    }
}
