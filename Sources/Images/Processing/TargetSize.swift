/// What a picture is resized or cropped to.
enum TargetSize: Sendable, Equatable {
    case exactly(height: Int, width: Int)
    /// The shorter edge gets this length, and the other follows, rounded down.
    case shortestEdge(Int)

    /// The height and width that a picture gets.
    func applied(to picture: Picture) -> (height: Int, width: Int) {
        switch self {
        case .exactly(let height, let width): (height, width)
        case .shortestEdge(let edge) where picture.height <= picture.width:
            (edge, edge * picture.width / picture.height)
        case .shortestEdge(let edge):
            (edge * picture.height / picture.width, edge)
        }
    }

    /// The height and width, where they do not depend on the picture.
    var fixed: (height: Int, width: Int)? {
        if case .exactly(let height, let width) = self { (height, width) } else { nil }
    }
}
