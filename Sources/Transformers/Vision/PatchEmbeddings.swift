internal import Autograd
internal import Tensors

/// Pictures as rows of tokens: learned tokens first, then the projected patches, and positions.
struct PatchEmbeddings: Sendable {
    /// `[width, channels, patch, patch]`.
    let projection: Variable
    /// `[width]`, added to the patches alone.
    let bias: Variable?
    /// The tokens before the patches, each of `width` elements.
    let leading: [Variable]
    /// A row for each leading token, then one for each patch of a picture of the usual size, of
    /// `width` elements each.
    let positions: Variable
    let pictures: PictureShape

    /// The tokens that pictures `[pictures, channels, height, width]` are cut into.
    func sequences(of pixels: Tensor) throws -> Sequences {
        let grid = try pictures.grid(of: pixels.shape)
        return Sequences(count: pixels.shape[0], length: leading.count + grid.count)
    }

    /// The rows of the tokens of pictures that can be cut into such, one picture behind the other.
    ///
    /// Positions, tokens and bias are laid down for every picture, and the product of the patches
    /// is added onto them.
    func callAsFunction(_ pixels: Tensor) -> Variable {
        let grid = pictures.grid(height: pixels.shape[2], width: pixels.shape[3])
        let (count, length) = (pixels.shape[0], leading.count + grid.count)
        func all(_ rows: Range<Int>) -> [Int32] {
            (0..<count).flatMap { picture in rows.map { Int32(picture * length + $0) } }
        }
        var rows = positions(on: grid).repeated(count)
        for (row, token) in leading.enumerated() {
            rows = rows.adding(token, toRows: all(row..<row + 1))
        }
        let patchRows = all(leading.count..<length)
        if let bias { rows = rows.adding(bias, toRows: patchRows) }
        let patches = pixels.patches(size: pictures.patchSize, leading: leading.count)
        return .linear(Variable(constant: patches), projection, adding: rows, showing: patchRows)
    }

    /// The positions of one picture: `[leading + patches, width]`, perhaps behind ones.
    private func positions(on grid: PatchGrid) -> Variable {
        guard grid != pictures.grid else { return positions }
        let weights = grid.interpolation(from: pictures.grid, leading: leading.count)
        let table = positions.reshaped([
            weights.rowWidth, positions.shape[positions.shape.count - 1],
        ])
        return table.sums(weightedBy: weights)
    }
}

extension PatchEmbeddings {
    /// The embeddings of ViT and its kin, whose parameters have the same names and shapes.
    ///
    /// `tokens` are the names of those before the patches.
    init(_ p: Parameters, width: Int, tokens: [String], _ pictures: PictureShape) throws {
        let patch = p["patch_embeddings"]["projection"]
        let size = pictures.patchSize
        projection = try patch("weight", width, pictures.channels, size, size)
        bias = try patch("bias", width)
        leading = try tokens.map { try p($0, 1, 1, width) }
        let count = pictures.leadingTokens + pictures.grid.count
        positions = try p("position_embeddings", 1, count, width)
        self.pictures = pictures
    }
}

extension ModelInput {
    /// The pictures, for a model that reads nothing else.
    func pictures() throws -> Tensor {
        switch self {
        case .pixels(let pixels), .pair(let pixels, _): pixels
        case .tokens: throw ModelInputError.expectsPictures
        }
    }
}

extension Sequences {
    /// The row of each sequence at a position in it.
    func rows(at position: Int) -> [Int32] { offsets.dropLast().map { Int32($0 + position) } }

    /// The mean of the rows of each sequence, but for the leading ones.
    func means(of rows: Variable, skipping leading: Int) -> Variable {
        let kept = (0..<count).flatMap { sequence in
            (offsets[sequence] + leading..<offsets[sequence + 1]).map(Int32.init)
        }
        return rows.rows(kept).means(of: Sequences(lengths: lengths.map { $0 - leading }))
    }
}
