import Checkpoints
import Foundation
import Testing

@Suite struct `A lock` {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "merganser-\(UUID().uuidString)")
    }

    @Test func `has one holder, and is free when that is gone`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appending(path: "locks/one")
        do {
            let first = try FileLock(trying: url)
            #expect(try FileLock(trying: url) == nil)
            #expect(try FileLock(trying: folder.appending(path: "locks/two")) != nil)
            withExtendedLifetime(first) {}
        }
        #expect(try FileLock(trying: url) != nil)
    }

    @Test func `is free when the process that held it was killed`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let url = folder.appending(path: "lock")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        // The process itself holds the lock, and nothing that it starts.
        process.arguments = [
            "python3", "-c",
            "import fcntl, sys, time; file = open(sys.argv[1], 'w'); "
                + "fcntl.flock(file, fcntl.LOCK_EX); time.sleep(60)",
            url.path,
        ]
        try process.run()
        let deadline = ContinuousClock.now + .seconds(30)
        while try FileLock(trying: url) != nil, ContinuousClock.now < deadline {
            Thread.sleep(forTimeInterval: 0.02)
        }
        #expect(try FileLock(trying: url) == nil)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(try FileLock(trying: url) != nil)
    }

    @Test func `says what it could not make`() throws {
        let error = try #require(throws: CheckpointError.self) {
            try FileLock(trying: URL(filePath: "/proc/none/lock"))
        }
        #expect("\(error)".contains("/proc/none"))
    }
}

@Suite struct `A file that grows` {
    @Test func `keeps the lines of all who write whole`() async throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "merganser-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: url) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    let line = String(repeating: "\(writer)", count: 300) + "\n"
                    for _ in 0..<50 { try AppendedFile.append(Data(line.utf8), to: url) }
                }
            }
            try await group.waitForAll()
        }
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 400)
        #expect(lines.allSatisfy { $0.count == 300 && Set($0).count == 1 })
    }
}
