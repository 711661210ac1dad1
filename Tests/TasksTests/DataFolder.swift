import Foundation

@testable import Tasks

/// A directory of files for one test, removed with it.
final class DataFolder {
    let url: URL

    init(_ files: [String: String] = [:]) throws {
        url = FileManager.default.temporaryDirectory.appending(path: "tasks-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for (name, text) in files { try write(Data(text.utf8), to: name) }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ data: Data, to name: String) throws {
        try data.write(to: url.appending(path: name))
    }

    /// The data set of the directory, or of one of its files.
    func dataset(_ file: String? = nil, _ change: (inout DataSource) -> Void = { _ in }) throws
        -> Dataset
    {
        var source = DataSource(path: file.map { url.appending(path: $0) } ?? url)
        change(&source)
        return try Dataset(source)
    }

    /// The message of an error, without the path of the directory.
    func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch {
            return "\(error)".replacing(url.path + "/", with: "")
        }
    }
}

/// One file that holds `content`, read in full without labels.
func inputs(_ name: String, _ content: String) throws -> [Example] {
    try inputs(name, Data(content.utf8))
}

func inputs(_ name: String, _ content: Data) throws -> [Example] {
    let folder = try DataFolder()
    try folder.write(content, to: name)
    return try folder.dataset(name).unlabeled(SplitReference(split: "all")).inputs
}

/// What a file that holds `content` is refused with; read with labels, or without.
func refusal(_ name: String, _ content: String, labels: Bool = false) throws -> String {
    try refusal(name, Data(content.utf8), labels: labels)
}

func refusal(_ name: String, _ content: Data, labels: Bool = false) throws -> String {
    let folder = try DataFolder()
    try folder.write(content, to: name)
    let all = SplitReference(split: "all")
    return folder.message {
        let data = try folder.dataset(name)
        if labels { _ = try data.labeled(all) } else { _ = try data.unlabeled(all) }
    }
}

extension Example {
    static func text(_ text: String) -> Example { .text(text, pair: nil) }
}
