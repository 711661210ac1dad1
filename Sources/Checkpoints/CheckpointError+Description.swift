extension CheckpointError: CustomStringConvertible {
    /// One sentence: the file, the tensor or key, what was expected and found, what to do.
    public var description: String {
        switch self {
        case .system(let action, let file, let code):
            "cannot \(action) \(quoted(file)): \(systemMessage(code))\(remedy(for: code))"
        case .notAFile(let file, let kind):
            "\(quoted(file)) is \(kind) where a file was expected; check the path"
        case .notADirectory(let file):
            "\(quoted(file)) is not a directory and stands in the place of one; "
                + "remove it or choose another output"
        case .shrunk(let file, let expected, let found):
            "\(quoted(file)) had \(expected) bytes when it was opened and now has \(found); "
                + "do not change checkpoints while they are in use"
        case .tooLarge(let file, let limit, let found):
            "\(quoted(file)) has \(found) bytes, and no file of its kind has more than \(limit); "
                + "check that it is what its name says"

        case .noHeader(let file, let found):
            "\(quoted(file)) has \(found) bytes, too few for a safetensors file; download it again"
        case .headerLength(let file, let declared, let available):
            "the header of \(quoted(file)) claims \(declared) bytes, of which \(available) "
                + "are possible; the file is truncated or no safetensors file, download it again"
        case .malformed(let file, let part, let fault):
            "the \(part) of \(quoted(file)) is not as it should be: \(fault); "
                + "download or write the file again"
        case .invalidTensors(let file, let faults):
            "\(quoted(file)) does not describe its tensors rightly: "
                + "\(listed(faults.map(\.description), separator: "; ")); download or write the file again"
        case .invalidIndex(let file, let faults):
            "\(quoted(file)) does not agree with the files beside it: "
                + "\(listed(faults.map(\.description), separator: "; ")); download the missing or damaged files again"

        case .noCheckpoint(let directory, let found): missingCheckpoint(directory, found)
        case .noAdapter(let directory, let found):
            "\(quoted(directory)) holds no adapter_model.safetensors"
                + (found.isEmpty
                    ? "; check the path"
                    : " but \(listed(found.map(quoted))), which is pickled and can "
                        + "run code; convert it to safetensors first")
        case .missingTensors(let file, let names):
            "\(quoted(file)) has no \(listed(names.map(quoted))); "
                + "`merganser inspect` lists what it has"
        case .notNumbers(let tensor, let file, let dtype):
            "\(quoted(tensor)) in \(quoted(file)) is \(dtype), which cannot be read as float32; "
                + "convert the checkpoint to BF16, F16 or F32"
        case .notIntegers(let tensor, let file, let dtype):
            "\(quoted(tensor)) in \(quoted(file)) is \(dtype) where integers were expected; "
                + "store it as I64"
        case .notAMatrix(let tensor, let file, let shape):
            "\(quoted(tensor)) in \(quoted(file)) has the shape \(described(shape)) where a "
                + "matrix [rows, columns] was expected"
        case .rowOutOfRange(let tensor, let file, let row, let rows):
            "row \(row) was asked of \(quoted(tensor)) in \(quoted(file)), which has \(rows) rows; "
                + "check that the ids were made with this model's tokenizer"

        case .notWritable(let tensor, let file, let dtype):
            "\(quoted(tensor)) cannot be written to \(quoted(file)) as \(dtype); "
                + "choose BF16, F16, F32 or F64"
        case .unrepresentable(let tensor, let file, let dtype, let value):
            "\(value), an element of \(quoted(tensor)), cannot be written to \(quoted(file)) as "
                + "\(dtype); choose a wider integer format"
        case .shadowed(let file, let other):
            "\(quoted(file)) would not be read, because \(quoted(other)) lies beside it; "
                + "remove that file or choose another output"
        case .occupied(let directory):
            "\(quoted(directory)) is not empty; choose another output or ask to overwrite it"

        case .modelNotFound(let reference, let places):
            "the model \(quoted(reference)) is not there; looked at "
                + "\(listed(places.map(quoted))): give a directory, or download it first"
        case .escapes(let file, let directory):
            "\(quoted(file)) leads outside of \(quoted(directory)); "
                + "put a copy of the file in its place"
        case .missingCompanions(let directory, let faults):
            "\(quoted(directory)) lacks files: "
                + "\(listed(faults.map(\.description), separator: "; ")); download them, or "
                + Set(faults.map(\.remedy)).sorted().joined(separator: ", and ")
        case .notAsWritten(let file, let reason):
            "\(quoted(file)) was written, but \(reason) when it was read again; check the disk and "
                + "repeat the command"
        case .unsupportedAdapter(let file, let features):
            "\(quoted(file)) needs what is not supported: \(listed(features)); "
                + "merge the adapter into its base model with PEFT first"
        case .invalidAdapter(let file, let faults):
            "\(quoted(file)) is not a sound adapter: \(listed(faults.map(\.description), separator: "; ")); "
                + "save it again with PEFT"
        }
    }

    private func missingCheckpoint(_ directory: String, _ found: [String]) -> String {
        let adapter = found.contains("adapter_model.safetensors")
        let tensors = found.filter { $0.hasSuffix(".safetensors") }
        let found = listed(found.map(quoted))
        let expected = "no model.safetensors and no model.safetensors.index.json"
        return if found.isEmpty {
            "\(quoted(directory)) holds \(expected); check the path"
        } else if adapter {
            "\(quoted(directory)) is an adapter and holds \(expected); name its base model too"
        } else if tensors.isEmpty {
            "\(quoted(directory)) holds \(expected) but \(found), which are pickled and can run "
                + "code; convert them to safetensors first"
        } else {
            "\(quoted(directory)) holds \(expected) but \(found); name the file itself or rename it"
        }
    }
}
