internal import Presentation

extension ForwardResult {
    /// The result for a terminal of so many columns; `nil` where lines may have any length.
    public func text(width: Int?) -> String {
        var facts = Facts()
        facts.add("architecture", architecture)
        facts.add("examples", NumberText.grouped(examples))
        facts.add("tokens", NumberText.grouped(tokens))
        for output in outputs { facts.add(output.name, "\(output.shape)") }
        if let objective {
            let name = objective.name.replacing("_", with: " ")
            facts.add(name, NumberText.fixed(objective.value, decimals: 6))
        }
        return facts.text(width: width)
    }
}
