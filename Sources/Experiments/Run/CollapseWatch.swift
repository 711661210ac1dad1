/// Tells from single steps' batches when the `select` splits must be looked at out of turn, so that
/// a collapse is seen when it happens and not at the next look.
///
/// It knows nothing but the history, so a run that is continued looks at the same steps as one that
/// was not stopped.
struct CollapseWatch: Sendable {
    /// A batch is small; so many steps in a row must agree.
    private static let window = 3

    /// The entropies of the experts' mean predictions by task, in nats.
    let expected: [String: Double]

    /// Whether a task's predictions crowd together at the last step and did not at the one before.
    func isAlarmed(by history: some BidirectionalCollection<HistoryEntry>) -> Bool {
        !crowded(history.suffix(Self.window))
            .isSubset(of: crowded(history.dropLast().suffix(Self.window)))
    }

    private func crowded(_ steps: some Collection<HistoryEntry>) -> Set<String> {
        guard steps.count == Self.window else { return [] }
        return Set(
            expected.keys.filter { task in
                let entropies = steps.compactMap { $0.marginalEntropy?[task] }
                let mean = entropies.reduce(0, +) / Double(Self.window)
                return Self.isCrowded(mean, expected: expected[task] ?? 0)
            }
        )
    }

    /// Whether predictions crowd onto few classes where the expert's do not.
    static func isCrowded(_ marginalEntropy: Double, expected: Double) -> Bool {
        expected > 0.1 && marginalEntropy < 0.5 * expected
    }
}

extension HistoryEntry.TaskSelection {
    /// Whether the predictions crowd onto few classes where the expert's do not.
    var hasCollapsed: Bool {
        CollapseWatch.isCrowded(marginalEntropy, expected: expertMarginalEntropy)
    }

    /// Whether the predictions have left the expert's since the first look, by more than chance.
    func hasDrifted(since first: HistoryEntry.TaskSelection?) -> Bool {
        first.map { agreement < $0.agreement - 0.1 } ?? false
    }
}
