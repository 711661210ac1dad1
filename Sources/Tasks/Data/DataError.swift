internal import Checkpoints

/// Why examples could not be read.
///
/// The cases hold the facts, a path first; `description` is the sentence for people.
public enum DataError: Error, Hashable, Sendable {
    /// There is nothing at a path.
    case notThere(String)
    /// A directory cannot be listed.
    case unreadable(String)
    /// The ending of a file's name stands for no format.
    case unknownFormat(String, known: [String])
    /// A format of this name does not exist.
    case noSuchFormat(String, known: [String])
    /// A format exists but holds no examples of the kind that is needed.
    case notForExamples(String)

    /// A directory has no file of a known format.
    case noSplits(String, known: [String])
    /// A data set has no split of a name.
    case unknownSplit(String, path: String, known: [String])
    /// A split was asked of a single file.
    case singleFile(String, path: String)
    /// Several files could be a split.
    case ambiguousSplit(String, files: [String])
    /// A slice selects nothing.
    case emptySelection(String, file: String, count: Int)

    /// A file cannot be opened.
    case unreadableFile(String)
    /// A file is not the array of bytes that its name says.
    case notIDX(String, found: String)
    /// Some pictures cannot be decoded; the reasons of the first say which.
    case pictures([String], count: Int)
    /// Pictures were to be encoded without knowing how the model wants them.
    case noImageProcessor(String)
    /// Examples are of another kind than the model reads.
    case otherKind(String, expected: String)
    /// A file holds no examples.
    case noExamples(String)
    /// Some records of a file are broken.
    case faults(String, RecordPlace, LineFaults)
    /// A table has no column of a name, or more than one.
    case column(String, name: String, times: Int, found: [String])
    /// No example of a file has a label.
    case noLabels(String, field: String)
    /// A tensor is missing or has another shape than it must.
    case tensor(String, name: String, expected: String, found: String)

    /// A list of class names is none, or has a name twice.
    case invalidLabelNames(String, repeated: String?)
    /// A list of class names has some that the model lacks, and some that it has.
    case otherClasses(String, unknown: [String])

    /// Inputs that are no texts were to be damaged.
    case notDamaged(String)
    /// Texts were to be encoded without a tokenizer.
    case noTokenizer(String)
    /// The number of tokens asked for is more than the model reads, or less than one.
    case maximumLength(Int, limit: Int?)
}

extension DataError: CustomStringConvertible {
    /// One sentence with the file, what was expected, what was found and what to do.
    public var description: String {
        switch self {
        case .notThere(let path):
            "There is nothing at \(path); check the path of the data."
        case .unreadable(let path):
            "\(path) cannot be listed; check its permissions."
        case .unknownFormat(let path, let known):
            "\(path) has no ending that stands for a format (\(listed(known))); "
                + "rename it or give its `format`."
        case .noSuchFormat(let name, let known):
            "There is no format \(quoted(name)); known are \(listed(known))."
        case .notForExamples(let path):
            "\(path) is plain text, which is for language models; give examples as JSON Lines, "
                + "CSV or TSV."

        case .noSplits(let path, let known):
            "\(path) holds no data: expected files that end in \(listed(known)), such as "
                + "train.jsonl; check the path."
        case .unknownSplit(let split, let path, let known):
            "\(path) has no split \(quoted(split)); it has \(listed(known.map(quoted)))."
        case .singleFile(let split, let path):
            "\(path) is a single file, whose only split is “\(Dataset.wholeSplit)”; "
                + "write that in place of \(quoted(split)), or give its directory."
        case .ambiguousSplit(let split, let files):
            "The split \(quoted(split)) could be any of \(listed(files)); give the `format`, or "
                + "one file as the path."
        case .emptySelection(let reference, let file, let count):
            "\(reference) selects none of the \(count) examples in \(file); "
                + "choose a slice inside them."

        case .unreadableFile(let path):
            "\(path) cannot be opened; check its permissions."
        case .notIDX(let path, let found):
            "\(path) is not a whole IDX file: \(found); download it again."
        case .pictures(let reasons, let count):
            "\(count) of the pictures cannot be read: \(reasons.joined(separator: " "))"
                + (count > reasons.count ? " And \(count - reasons.count) more." : "")
                + " Repair or remove them, or leave them out with --skip-broken."
        case .noImageProcessor(let path):
            "\(path) holds pictures, and the model has no preprocessor_config.json; put it beside "
                + "the model, or give pixel_values as .safetensors."
        case .otherKind(let path, let expected):
            "The model reads \(expected), and \(path) holds something else; give other data."
        case .noExamples(let path):
            "\(path) holds no examples; check that it was written in full."
        case .faults(let path, let place, let faults):
            Self.sentence(path, place, faults)
        case .column(let path, let name, 0, let found):
            "\(path) has no column \(quoted(name)) in its header, which has "
                + "\(listed(found.map(quoted), limit: 10)); name the right one in the recipe."
        case .column(let path, let name, let times, _):
            "\(path) has \(times) columns \(quoted(name)) in its header; rename all but one."
        case .noLabels(let path, let field):
            "\(path) has no labels: expected them in the field \(quoted(field)); "
                + "name the right field in the recipe."
        case .tensor(let path, let name, let expected, let found):
            "\(path): \(name) should be \(expected), found \(found); write the file again."

        case .invalidLabelNames(let path, nil):
            "\(path) should be a list of names of classes, or an object with that list as "
                + "`labels`; correct it or remove it."
        case .invalidLabelNames(let path, let repeated?):
            "\(path) has the class \(quoted(repeated)) twice; give every class its own name."
        case .otherClasses(let path, let unknown):
            "\(path) has classes that the model lacks (\(listed(unknown.map(quoted)))) beside "
                + "others that it has; call every class as the model does."

        case .notDamaged(let path):
            "\(path) does not hold texts, and only letters of texts are damaged; leave `corruption` out."
        case .noTokenizer(let path):
            "\(path) holds texts, and the model has no tokenizer; put its tokenizer.json beside "
                + "it, or give token ids as .safetensors."
        case .maximumLength(let length, let limit?):
            "A `max_length` of \(length) is not possible, as the model reads from 1 to \(limit) "
                + "tokens; choose one of these."
        case .maximumLength(let length, nil):
            "A `max_length` of \(length) is not possible; it must be at least 1."
        }
    }

    private static func sentence(_ path: String, _ place: RecordPlace, _ faults: LineFaults)
        -> String
    {
        let items = faults.first.map { "\(place.rawValue) \($0.line): \($0.problem)" }
        let hidden = faults.count - items.count
        let more = hidden > 0 ? "; and \(hidden) more" : ""
        let noun = faults.count == 1 ? "\(place.rawValue)" : "\(place.rawValue)s"
        return "\(path) has \(faults.count) broken \(noun): "
            + "\(items.joined(separator: "; "))\(more); correct or remove what is broken."
    }
}
