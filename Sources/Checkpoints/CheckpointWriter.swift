public import FoundationEssentials
internal import Synchronization
public import Tensors

/// Writes parameters to one safetensors file, or to several with an index.
///
/// All tensors are declared first; then their elements are written in any order, block by block and
/// from any number of threads. Nothing is seen under its name before `finish()`, and if that is
/// never reached, nothing of it remains.
public final class CheckpointWriter: Sendable {
    /// The files that `finish()` will have written, the index last.
    public let files: [URL]
    private let outputs: [OutputFile]
    private let places: [String: Place]
    private let index: (url: URL, text: String)?
    private let written: Mutex<[String: RangeSet<Int>]>

    /// Where a tensor goes.
    private struct Place {
        let dtype: DType
        let shape: [Int]
        let output: Int
        let range: Range<Int>
    }

    /// Prepares `model.safetensors` in a directory, or shards of it.
    ///
    /// - Parameters:
    ///   - directory: An existing directory.
    ///   - tensors: What is going to be written.
    ///   - shardLimit: The bytes of tensors in a file; more are spread over several, and a single
    ///     tensor of more has a file of its own.
    ///   - metadata: What the files say of themselves; `format` is what the Hugging Face libraries
    ///     look for.
    /// - Throws: `CheckpointError` if a file cannot be made or a declaration cannot be.
    public convenience init(
        directory: URL,
        tensors: [TensorDeclaration],
        shardLimit: Int = 5_000_000_000,
        metadata: [String: String] = ["format": "pt"]
    ) throws(CheckpointError) {
        let single = directory.appending(path: "model.safetensors")
        let index = directory.appending(path: "model.safetensors.index.json")
        let sizes = try SafeTensors.sizes(of: tensors, file: single.path)
        let shards = Self.shards(of: sizes, limit: shardLimit)
        guard shards.count > 1 else {
            let files = [single]
            try self.init(files, shards, tensors, sizes, metadata, index: nil)
            return
        }
        // Readers look for the single file first and would take the old model for the new one.
        if FileManager.default.fileExists(atPath: single.path) {
            throw .shadowed(file: index.path, by: single.path)
        }
        let total = Self.padded(shards.count)
        let names = shards.indices.map { "model-\(Self.padded($0 + 1))-of-\(total).safetensors" }
        var weightMap: [JSONValue.Member] = []
        for (name, shard) in zip(names, shards) {
            weightMap += tensors[shard].map { .init(key: $0.name, value: .string(name)) }
        }
        let text = JSONValue.object([
            .init(
                key: "metadata",
                value: .object([
                    .init(key: "total_size", value: .number(Double(sizes.reduce(0, +))))
                ])
            ),
            .init(key: "weight_map", value: .object(weightMap.sorted { $0.key < $1.key })),
        ]).text()
        let files = names.map { directory.appending(path: $0) }
        try self.init(files, shards, tensors, sizes, metadata, index: (index, text + "\n"))
    }

    /// Prepares one file.
    public convenience init(
        file: URL,
        tensors: [TensorDeclaration],
        metadata: [String: String] = ["format": "pt"]
    ) throws(CheckpointError) {
        let sizes = try SafeTensors.sizes(of: tensors, file: file.path)
        try self.init([file], [tensors.indices], tensors, sizes, metadata, index: nil)
    }

    private init(
        _ files: [URL],
        _ shards: [Range<Int>],
        _ tensors: [TensorDeclaration],
        _ sizes: [Int],
        _ metadata: [String: String],
        index: (url: URL, text: String)?
    ) throws(CheckpointError) {
        var outputs: [OutputFile] = []
        var places: [String: Place] = [:]
        for (number, (file, shard)) in zip(files, shards).enumerated() {
            let layout = SafeTensors.Layout(
                Array(tensors[shard]),
                sizes: Array(sizes[shard]),
                metadata: metadata
            )
            let output = try OutputFile(file)
            outputs.append(output)
            try output.write(layout.prefix.span, at: 0)
            for (tensor, range) in zip(tensors[shard], layout.ranges) {
                places[tensor.name] = Place(
                    dtype: tensor.dtype,
                    shape: tensor.shape,
                    output: number,
                    range: range
                )
            }
        }
        self.files = files + (index.map { [$0.url] } ?? [])
        self.outputs = outputs
        self.places = places
        self.index = index
        written = Mutex(places.mapValues { _ in RangeSet() })
    }
}

extension CheckpointWriter {
    /// Writes elements of a tensor, rounded to its format, from a row-major position on.
    ///
    /// Every element is to be written exactly once.
    public func write(
        _ name: String,
        _ elements: Span<Float>,
        at position: Int
    ) throws(CheckpointError) {
        let place = place(of: name)
        let output = outputs[place.output]
        guard let encoder = place.dtype.encoder else {
            throw .notWritable(tensor: name, file: output.destination.path, dtype: place.dtype)
        }
        let size = encoder.size
        let start = claim(name, place, position * size, elements.count * size)
        if place.dtype == .float32 { return try output.write(elements, at: start) }
        // A whole tensor may be given at once: it is encoded in blocks that stay in the cache.
        let block = 1 << 15
        var buffer = [UInt8](repeating: 0, count: min(block, elements.count) * size)
        for first in stride(from: 0, to: elements.count, by: block) {
            let part = elements.extracting(first..<min(first + block, elements.count))
            buffer.removeLast(buffer.count - part.count * size)
            var target = buffer.mutableSpan
            encoder(part, into: &target)
            try output.write(buffer.span, at: start + first * size)
        }
    }

    /// Writes a whole tensor, rounded to its format.
    public func write(_ name: String, _ tensor: Tensor) throws(CheckpointError) {
        try tensor.withSpan { (elements) throws(CheckpointError) in
            try write(name, elements, at: 0)
        }
    }

    /// Writes stored bytes of a tensor from an offset on.
    public func write(_ name: String, bytes: RawSpan, at offset: Int) throws(CheckpointError) {
        let place = place(of: name)
        let start = claim(name, place, offset, bytes.byteCount)
        try outputs[place.output].write(bytes, at: start)
    }

    /// Writes stored bytes of a tensor from an offset on.
    public func write(_ name: String, bytes: [UInt8], at offset: Int) throws(CheckpointError) {
        let place = place(of: name)
        let start = claim(name, place, offset, bytes.count)
        try outputs[place.output].write(bytes.span, at: start)
    }

    /// Writes the next elements of a tensor, after those written so far.
    public func append(_ elements: Span<Float>, to name: String) throws(CheckpointError) {
        let end = written.withLock { $0[name]?.ranges.last?.upperBound } ?? 0
        try write(name, elements, at: end * 8 / place(of: name).dtype.bitCount)
    }

    /// Puts the complete files into place, all data being on the disk.
    @discardableResult
    public func finish() throws(CheckpointError) -> [URL] {
        written.withLock { written in
            for (name, place) in places where !place.range.isEmpty {
                let ranges = written[name]?.ranges
                precondition(
                    ranges?.count == 1 && ranges?.first == 0..<place.range.count,
                    "\(name) was not written in full"
                )
            }
        }
        for (number, output) in outputs.enumerated() {
            try check(try output.synchronize(), output: number)
        }
        // The index comes last: until then, readers find either the old files or none.
        for output in outputs { try output.publish() }
        if let index { try AtomicFile.write(index.text, to: index.url) }
        return files
    }

    /// Reads the header of a file again: it must describe what was declared, and nothing else.
    private func check(_ file: MappedFile, output number: Int) throws(CheckpointError) {
        let header = try SafeTensors.header(of: file)
        let declared = places.filter { $0.value.output == number }
        let isSound =
            header.entries.count == declared.count
            && header.entries.allSatisfy { entry in
                guard let place = declared[entry.name] else { return false }
                let start = header.dataStart + entry.range.lowerBound
                return entry.dtype == place.dtype && entry.shape == place.shape
                    && start..<start + entry.range.count == place.range
            }
        guard isSound else {
            throw .notAsWritten(
                file: outputs[number].destination.path,
                reason: "described other tensors"
            )
        }
    }

    /// Gives up: removes what has been written so far.
    public func cancel() {
        for output in outputs { output.discard() }
    }
}

extension CheckpointWriter {
    private func place(of name: String) -> Place {
        guard let place = places[name] else { preconditionFailure("\(name) was not declared") }
        return place
    }

    /// Notes that bytes of a tensor are written, and returns where they lie in the file.
    private func claim(_ name: String, _ place: Place, _ offset: Int, _ count: Int) -> Int {
        precondition(
            offset >= 0 && offset + count <= place.range.count,
            "\(offset)..<\(offset + count) are not bytes of \(name)"
        )
        written.withLock { written in
            var ranges = written[name] ?? RangeSet()
            let range = offset..<offset + count
            precondition(!ranges.intersects(range), "\(range) of \(name) was written twice")
            ranges.insert(contentsOf: range)
            written[name] = ranges
        }
        return place.range.lowerBound + offset
    }

    /// Consecutive tensors for each file, as the Hugging Face libraries divide them.
    private static func shards(of sizes: [Int], limit: Int) -> [Range<Int>] {
        var shards: [Range<Int>] = []
        var (start, bytes) = (0, 0)
        for (i, size) in sizes.enumerated() {
            if i > start, size > limit - bytes {
                shards.append(start..<i)
                (start, bytes) = (i, 0)
            }
            bytes += size
        }
        return shards + [start..<sizes.count]
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}

extension RangeSet<Int> {
    fileprivate func intersects(_ range: Range<Int>) -> Bool {
        !intersection(RangeSet(range)).isEmpty
    }
}
