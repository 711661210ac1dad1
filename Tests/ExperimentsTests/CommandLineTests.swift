import Foundation
import TestSupport
import Testing

/// The program, where it has been built beside the tests.
private enum Program {
    static let url: URL? = {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let directories = [
            tests.deletingLastPathComponent(),
            Golden.repository.appending(path: ".build/release"),
        ]
        return directories.map { $0.appending(path: "merganser") }.first {
            FileManager.default.isExecutableFile(atPath: $0.path)
        }
    }()

    struct Outcome {
        let status: Int32
        let output, error: String
    }

    static func run(_ arguments: [String], columns: Int = 100) throws -> Outcome {
        let process = Process()
        let (output, error) = (Pipe(), Pipe())
        process.executableURL = url
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(["COLUMNS": "\(columns)"]) { $1 }
        (process.standardOutput, process.standardError) = (output, error)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // Little is written to the error stream, so it cannot fill its pipe in the meantime.
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let message = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus,
            output: String(decoding: text, as: UTF8.self),
            error: String(decoding: message, as: UTF8.self)
        )
    }
}

@Suite(.enabled(if: Program.url != nil, "skipped: the program is not built beside the tests"))
struct `The command line` {
    let folder: WorkingFolder
    private let model = ReferenceCase.all("forward") { $0 == "bert" }[0]

    init() throws { folder = try WorkingFolder() }

    /// The commands that the program lists in its own help.
    private func commands() throws -> [String] {
        Self.subcommands(of: try Program.run(["--help"]).output)
    }

    private static func subcommands(of help: String) -> [String] {
        let parts = help.split(separator: "SUBCOMMANDS:\n")
        guard parts.count == 2 else { return [] }
        return parts[1].split(separator: "\n")
            .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  See") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    @Test func `every command has help with an abstract, examples and the common options`() throws {
        let commands = try commands()
        #expect(Set(commands).isSuperset(of: ["forward", "encode", "methods", "inspect"]))
        for command in commands {
            let help = try Program.run([command, "--help"])
            #expect(help.status == 0 && help.error.isEmpty)
            #expect(help.output.hasPrefix("OVERVIEW: "))
            #expect(help.output.contains("Examples:"), "\(command)")
            let examples = help.output.split(separator: "\n")
                .count { $0.contains("  merganser \(command)") }
            #expect(examples >= 2, "\(command)")
            // A command of several kinds has its options with each of them.
            let pages = try Self.subcommands(of: help.output).map {
                try Program.run([command, $0, "--help"]).output
            }
            for option in ["--quiet", "--threads", "--seed", "--json", "--help"] {
                let all = pages.isEmpty ? [help.output] : pages
                #expect(all.allSatisfy { $0.contains(option) }, "\(command) \(option)")
            }
        }
    }

    @Test(arguments: [
        ["nonsense"], ["forward"], ["forward", "a", "b", "c", "--cotangent", "d"],
        ["methods", "--threads", "0"], ["encode", "a", "b", "-", "--padding", "wide"],
        ["encode", "a", "b", "-", "--max-length", "0"], ["inspect", "a", "--unknown"],
        ["encode", "a", "b", "-", "--stride", "-1"], ["methods", "--seed", "x"],
        ["vector", "extract", "a", "b"], ["vector", "extract", "a", "b", "c", "--sparse", "0"],
        ["vector", "extract", "a", "b", "c", "--sparse", "0.1", "--rank", "4"],
        ["vector", "extract", "a", "b", "c", "--rank", "0"], ["vector", "apply", "a", "b"],
        ["vector", "extract", "a", "b", "c", "--dtype", "int8"],
        ["vector", "apply", "a", "b", "c", "--scale", "1", "--scale", "-1"],
        ["vector", "compare", "a", "b"], ["vector", "compare", "a", "b", "c", "--output", "d.png"],
        ["vector", "compare", "a", "b", "c", "--measure", "angle"],
    ])
    func `a wrong call is a usage error`(arguments: [String]) throws {
        let outcome = try Program.run(arguments)
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.error.hasPrefix("merganser: "))
        #expect(outcome.error.contains("Usage: merganser"))
    }

    @Test(arguments: [
        ["inspect", "missing"], ["forward", "missing", "missing", "out"],
        ["encode", "missing", "missing", "-"], ["methods", "missing"],
        ["vector", "extract", "missing", "missing", "out"],
        ["vector", "apply", "missing", "missing", "out"],
        ["vector", "compare", "missing", "missing", "missing"],
    ])
    func `what is missing is one sentence and status 1`(arguments: [String]) throws {
        let outcome = try Program.run(arguments)
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.error.hasPrefix("merganser: "))
        #expect(outcome.error.contains("missing"))
        #expect(outcome.error.count { $0 == "\n" } == 1)
        #expect(!outcome.error.contains("Error("))
    }

    @Test func `results are JSON where that is asked for, and progress is apart`() throws {
        for arguments in [
            ["methods"], ["methods", "ties"], ["inspect", model.directory.path],
            [
                "forward", model.directory.path, model.file("inputs.safetensors").path,
                folder["outputs"].path,
            ],
        ] {
            let outcome = try Program.run(arguments + ["--json"])
            #expect(outcome.status == 0)
            _ = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
            let quiet = try Program.run(arguments + ["--json", "--quiet"])
            #expect(quiet.error.isEmpty && quiet.output == outcome.output)
        }
    }

    @Test func `texts are encoded into lines`() throws {
        try folder.write(tinyTokenizer, to: "model/tokenizer.json")
        try folder.write("one twos\n[PAD]\n", to: "texts.txt")
        let arguments = ["encode", folder["model"].path, folder["texts.txt"].path, "-", "--quiet"]
        #expect(
            try Program.run(arguments).output == """
                {"ids":[2,4,5,8,3],"tokens":["[CLS]","one","two","##s","[SEP]"]}
                {"ids":[2,0,3],"tokens":["[CLS]","[PAD]","[SEP]"]}

                """
        )
        #expect(
            try Program.run(arguments + ["--no-special"]).output == """
                {"ids":[4,5,8],"tokens":["one","two","##s"]}
                {"ids":[0],"tokens":["[PAD]"]}

                """
        )
    }

    @Test(arguments: [40, 60, 120])
    func `nothing is wider than the terminal`(columns: Int) throws {
        let models = FixtureModels.experts.map(\.path)
        for arguments in [
            ["methods"], ["inspect", model.directory.path],
            ["vector", "compare", FixtureModels.base.path] + models,
        ] {
            let outcome = try Program.run(arguments, columns: columns)
            for line in outcome.output.split(separator: "\n") {
                #expect(line.unicodeScalars.count <= columns)
            }
        }
    }
}
