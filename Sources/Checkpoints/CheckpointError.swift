/// Why files of parameters could not be read or written.
///
/// The cases hold the facts; `description` is the sentence for people.
public enum CheckpointError: Error, Sendable, Equatable {
    /// A system call failed; `code` is its `errno`.
    case system(action: String, file: String, code: Int32)
    /// Something other than a file lies where a file was expected.
    case notAFile(file: String, kind: String)
    /// Something other than a directory lies in the place of an output directory.
    case notADirectory(file: String)
    /// The file became shorter after it had been opened.
    case shrunk(file: String, expected: Int, found: Int)
    /// The file is larger than anything of its kind.
    case tooLarge(file: String, limit: Int, found: Int)

    /// A safetensors file does not even hold the length of its header.
    case noHeader(file: String, found: Int)
    /// The length of a header is more than the file holds, or than the format allows.
    case headerLength(file: String, declared: UInt64, available: Int)
    /// A header, index or configuration is not the JSON that it should be.
    case malformed(file: String, part: String, JSONFault)
    /// A header describes tensors that cannot be.
    case invalidTensors(file: String, [TensorFault])
    /// An index and the files that it lists do not agree.
    case invalidIndex(file: String, [IndexFault])

    /// A directory holds no safetensors checkpoint; `found` are the weights that it does hold.
    case noCheckpoint(directory: String, found: [String])
    /// A directory holds no safetensors adapter; `found` are the files that it does hold.
    case noAdapter(directory: String, found: [String])
    /// Parameters that were asked for are not in the checkpoint.
    case missingTensors(file: String, names: [String])
    /// The elements of this format cannot be read as float32.
    case notNumbers(tensor: String, file: String, dtype: DType)
    /// The elements are not integers.
    case notIntegers(tensor: String, file: String, dtype: DType)
    /// Rows were asked of something else than a matrix.
    case notAMatrix(tensor: String, file: String, shape: [Int])
    /// A row was asked for that is not there.
    case rowOutOfRange(tensor: String, file: String, row: Int, rows: Int)

    /// Float32 numbers cannot be written in this format.
    case notWritable(tensor: String, file: String, dtype: DType)
    /// An integer does not fit the format it is to be written in.
    case unrepresentable(tensor: String, file: String, dtype: DType, value: Int64)
    /// The output would lie beside weights that are read in its place.
    case shadowed(file: String, by: String)
    /// The output directory holds files already.
    case occupied(directory: String)

    /// A model is neither a directory nor in the local cache.
    case modelNotFound(reference: String, places: [String])
    /// A file of a model leads outside of its directory.
    case escapes(file: String, directory: String)
    /// Files of a model name others that are not there.
    case missingCompanions(directory: String, [CompanionFault])
    /// What was read back from the disk is not what was written.
    case notAsWritten(file: String, reason: String)
    /// An adapter uses something that is not a plain low-rank update.
    case unsupportedAdapter(file: String, [String])
    /// An adapter's tensors do not fit each other or its configuration.
    case invalidAdapter(file: String, [AdapterFault])
}
