/// A checkpoint that a recipe names: a model, with an adapter laid over it where there is one.
///
/// Written as mergekit writes it: `path[@revision][+adapter[@revision]]`, or the map `{model:
/// {path:, revision:}, lora:, override_architecture:}`.
public struct ModelReference: Hashable, Sendable {
    /// A place that tensors are read from.
    public struct Source: Hashable, Sendable {
        /// What kind of place it is.
        public enum Location: Hashable, Sendable {
            /// A directory of this machine, by its absolute path.
            case directory(String)
            /// An id of the Hugging Face Hub, `owner/name`, to be found in the local cache.
            case hub(String)
        }

        /// Where it is.
        public var location: Location
        /// A branch, a tag or a commit of the Hub.
        public var revision: String?

        /// A place, at a revision if it has several.
        public init(_ location: Location, revision: String? = nil) {
            self.location = location
            self.revision = revision
        }
    }

    /// The model.
    public var model: Source
    /// The low-rank adapter that is merged into it first.
    public var adapter: Source?
    /// The architecture to assume, whatever the checkpoint's `config.json` says.
    public var architecture: String?

    /// A model, as it is unless told otherwise.
    public init(_ model: Source, adapter: Source? = nil, architecture: String? = nil) {
        self.model = model
        self.adapter = adapter
        self.architecture = architecture
    }

    /// What tasks call it: the last component of its path, of the adapter's where there is one.
    public var name: String {
        let path = (adapter ?? model).location.path
        return path.split(separator: "/").last.map(String.init) ?? path
    }
}

extension ModelReference.Source.Location {
    /// The absolute path, or the id.
    public var path: String {
        switch self {
        case .directory(let path), .hub(let path): path
        }
    }
}

extension ModelReference: CustomStringConvertible {
    /// In mergekit's one-line form.
    public var description: String {
        ([model] + (adapter.map { [$0] } ?? [])).map(\.description).joined(separator: "+")
    }
}

extension ModelReference.Source: CustomStringConvertible {
    /// The path or id, with its revision.
    public var description: String {
        location.path + (revision.map { "@\($0)" } ?? "")
    }
}
