public import FoundationEssentials

/// Where examples lie, and what their fields are called: the `data` of a task in a recipe.
public struct DataSource: Hashable, Sendable {
    /// A directory, whose files are the splits, or one file.
    public var path: URL
    /// The name of the format; `nil` leaves it to the endings of the files' names.
    public var format: String?
    /// The field of the text; `nil` is `text`.
    public var text: String?
    /// The field of the second text of a pair; `nil` is `text_pair`, which may be absent.
    public var textPair: String?
    /// The field of the label; `nil` is `label`, or `labels` of tensors.
    public var label: String?
    /// Whether texts are read from a file of tensors that holds pictures as well.
    public var prefersTexts = false
    /// Whether pictures that cannot be decoded are left out.
    public var skipsBroken: Bool
    /// The most tokens of an example, special ones among them; `nil` leaves it to the model.
    public var maximumLength: Int?

    /// Examples at a path, by default with the usual names of fields.
    public init(
        path: URL,
        format: String? = nil,
        text: String? = nil,
        textPair: String? = nil,
        label: String? = nil,
        maximumLength: Int? = nil,
        skipsBroken: Bool = false
    ) {
        self.path = path
        self.format = format
        self.text = text
        self.textPair = textPair
        self.label = label
        self.maximumLength = maximumLength
        self.skipsBroken = skipsBroken
    }
}

/// The fields that a format reads of every record.
struct Fields {
    let text: String
    let pair: String
    /// Whether a file without the second text is an error: the recipe names the field.
    let requiresPair: Bool
    /// The field of the label, `nil` where labels are not to be read at all.
    let label: String?
    /// Whether texts are read from a file that holds pictures as well.
    let prefersTexts: Bool

    init(_ source: DataSource, label: String?) {
        text = source.text ?? "text"
        pair = source.textPair ?? "text_pair"
        requiresPair = source.textPair != nil
        self.label = label
        prefersTexts = source.prefersTexts
    }
}
