internal import ArgumentParser
internal import Experiments
internal import Foundation
internal import Tensors

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @Flag(help: "Show no progress.")
    var quiet = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    @Option(help: ArgumentHelp("How many threads compute.", valueName: "n"))
    var threads: Int?

    @Option(help: ArgumentHelp("Seed of everything random.", valueName: "n"))
    var seed: UInt64?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads is \(threads), but must be between 1 and 1024.")
        }
    }
}

extension GlobalOptions {
    /// The threads to compute on, by default one for every core.
    ///
    /// Says so where the processor could compute faster than it will.
    func startComputing() -> Workers {
        if !quiet, let advice = ProcessorAdvice.sentence { StandardError.tell(advice) }
        return threads.map { Workers($0) } ?? .all
    }

    /// Runs work under a meter, which is gone from the terminal afterwards.
    func observing<Result>(_ work: (Observer) throws -> Result) throws -> Result {
        let meter = ProgressMeter(isQuiet: quiet)
        do {
            let result = try work(meter.observer { Interruption.isRequested })
            meter.end()
            return result
        } catch {
            meter.abandon()
            throw error
        }
    }

    /// Prints a result, as text for the terminal's width or as JSON.
    func show(_ result: some Encodable, _ text: (_ width: Int?) -> String) throws {
        print(json ? try JSONText.of(result) : text(Terminal.output.width), terminator: "")
    }
}

/// Where messages go that are not results.
enum StandardError {
    /// Tells a sentence on a line of its own.
    static func tell(_ sentence: String) {
        try? FileHandle.standardError.write(contentsOf: Data("merganser: \(sentence)\n".utf8))
    }
}
