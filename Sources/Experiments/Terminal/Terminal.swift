internal import Foundation
internal import Glibc

/// What is known of the terminal behind a stream.
package struct Terminal: Sendable {
    private let descriptor: Int32
    private let environment: [String: String]

    /// The terminal of the results.
    package static var output: Terminal { Terminal(STDOUT_FILENO) }
    /// The terminal of progress and messages.
    package static var error: Terminal { Terminal(STDERR_FILENO) }

    init(
        _ descriptor: Int32,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        (self.descriptor, self.environment) = (descriptor, environment)
    }

    /// Whether there is a terminal that can draw over a line.
    var showsBars: Bool { isatty(descriptor) == 1 && environment["TERM"] != "dumb" }

    /// The number of columns: what `COLUMNS` says, else what the terminal says; `nil` where the
    /// stream is a file or a pipe.
    package var width: Int? {
        if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
        var size = winsize()
        // The request fills exactly one `winsize`, which outlives the call.
        let status = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size)
        return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    }
}
