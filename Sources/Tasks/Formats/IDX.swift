internal import FoundationEssentials

/// Pictures as MNIST is distributed.
///
/// `train-images-idx3-ubyte` is `[examples, height, width]`, and `idx4` has a last dimension of 3 for
/// colour; labels are in `train-labels-idx1-ubyte` beside it; each may be gzipped. The split `t10k`
/// is called `test`.
struct IDX: DatasetFormat {
    let name = "idx"
    let pathExtensions = ["gz", "idx"]

    func split(of file: URL) -> String? {
        guard let name = IDXFileName(file.lastPathComponent), name.content == "images" else {
            return nil
        }
        return name.set == "t10k" ? "test" : name.set
    }

    func holdsPictures(_ file: URL) -> Bool { true }

    func files(of file: URL) -> [URL] { [file] + [labelFile(of: file)].compactMap(\.self) }

    func records(of file: URL, _ fields: Fields) throws -> Records {
        let images = try IDXArray(file)
        let isColour = images.shape.count == 4
        guard images.shape.count == 3 || isColour && images.shape[3] == 3,
            images.shape.dropFirst().allSatisfy({ $0 > 0 })
        else {
            throw DataError.tensor(
                file.path,
                name: "the array",
                expected: "[examples, height, width] or [examples, height, width, 3]",
                found: "\(images.shape)"
            )
        }
        let labelFile = fields.label == nil ? nil : labelFile(of: file)
        let labels = try labelFile.map(IDXArray.init)
        if let labelFile, let labels, labels.shape != [images.shape[0]] {
            throw DataError.tensor(
                labelFile.path,
                name: "the array",
                expected: "\([images.shape[0]]), as many as \(file.lastPathComponent) has",
                found: "\(labels.shape)"
            )
        }
        let size = images.shape.dropFirst().reduce(1, *)
        var records = Records(place: .row)
        records.all = (0..<images.shape[0]).map { index in
            Record(
                input: .samples(
                    SampleGrid(
                        height: images.shape[1],
                        width: images.shape[2],
                        samples: images.values[index * size..<(index + 1) * size]
                    )
                ),
                label: labels.map { .index(Int($0.values[index])) },
                line: index
            )
        }
        return records
    }

    /// The labels that belong to a file of pictures.
    private func labelFile(of file: URL) -> URL? {
        guard let images = IDXFileName(file.lastPathComponent) else { return nil }
        let directory = file.deletingLastPathComponent()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return names.sorted().first { name in
            let other = IDXFileName(name)
            return other?.set == images.set && other?.content == "labels"
        }.map { directory.appending(path: $0) }
    }
}

/// The name of an IDX file, taken apart: `train-images-idx3-ubyte.gz`, or with a dot before `idx3`.
private struct IDXFileName {
    let set, content: String

    init?(_ name: String) {
        var stem = name.lowercased()
        if stem.hasSuffix(".gz") { stem.removeLast(3) }
        let parts = stem.split { $0 == "-" || $0 == "." }.map(String.init)
        guard parts.count == 4, parts[2].hasPrefix("idx"), parts[3] == "ubyte" else { return nil }
        (set, content) = (parts[0], parts[1])
    }
}
