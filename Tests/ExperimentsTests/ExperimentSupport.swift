import Foundation
import Tasks
import TestSupport

@testable import Experiments

/// The directory of the fixture of two experts and two small tasks.
let learningFixture = Golden.repository.appending(path: "Tests/Fixtures/learn/bert").path

/// The text of an experiment over the small learning fixture.
func experimentText(_ studies: String, changes: String = "{}", head: String = "") -> String {
    """
    title: Two experts
    \(head)
    recipe:
      merge_method: adamerging
      base_model: \(learningFixture)/base
      models:
        - model: \(learningFixture)/expert-1
        - model: \(learningFixture)/expert-2
      tasks:
        - {name: one, data: \(learningFixture)/task-1.safetensors, adapt: "all[:4]", evaluate: "all[4:]"}
        - {name: two, data: \(learningFixture)/task-2.safetensors, adapt: "all[:4]", evaluate: "all[4:]"}
      parameters: {steps: 4, batch_size: 2, learning_rate: 0.01, select_every: 2}
    set: \(changes)
    studies:
    \(studies)
    """
}

extension WorkingFolder {
    /// An experiment over the small learning fixture.
    func experiment(
        _ studies: String,
        changes: String = "{}",
        head: String = "",
        overrides: [String] = []
    ) throws -> Experiment {
        let text = experimentText(studies, changes: changes, head: head)
        return try Experiment(
            contentsOf: write(text, to: "experiment.yml"),
            overrides: overrides
        )
    }
}
