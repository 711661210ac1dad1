internal import ArgumentParser
internal import Experiments
internal import Foundation

/// How a command that did not succeed ends: what it says, and its exit status.
struct Failure {
    /// The exit statuses besides 0.
    enum Status: Int32 {
        /// Something is wrong with the inputs or the machine.
        case failed = 1
        /// The command was not called rightly.
        case usage = 64
        /// Somebody asked the command to stop.
        case interrupted = 130
    }

    private let message: String
    private let status: Int32

    init(_ error: any Error) {
        let code = Merganser.exitCode(for: error)
        if code.isSuccess {
            // Help and the version come as errors and are results.
            message = Merganser.fullMessage(for: error)
            status = code.rawValue
        } else if code == .validationFailure {
            let text = Merganser.fullMessage(for: error)
            let prefix = "Error: "
            message = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
            status = Status.usage.rawValue
        } else {
            message = Self.sentence(error)
            status = (Interruption.isRequested ? Status.interrupted : .failed).rawValue
        }
    }

    func exit() -> Never {
        let isResult = status == 0
        let text = isResult ? message : "merganser: \(message)"
        let stream = isResult ? FileHandle.standardOutput : .standardError
        if !message.isEmpty { try? stream.write(contentsOf: Data((text + "\n").utf8)) }
        Foundation.exit(status)
    }

    /// What our own errors say of themselves; of others, what the system says.
    private static func sentence(_ error: any Error) -> String {
        switch error {
        case is CancellationError: "stopped; nothing was written."
        case is CocoaError, is DecodingError: error.localizedDescription
        case let error as any CustomStringConvertible: error.description
        default: error.localizedDescription
        }
    }
}
