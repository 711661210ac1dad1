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
    /// A row for each leading token, then one for each patch of a picture of the usual size.
    let positions: Variable
    let pictures: PictureShape

    /// The tokens of pictures `[pictures, channels, height, width]`, one picture behind the other.
    ///
    /// What a picture's rows have in common is one table. It is laid down for every picture and
    /// the product of the patches added onto it, so no other pass over the rows is needed.
    func callAsFunction(_ pixels: Tensor) throws -> (rows: Variable, sequences: Sequences) {
        let grid = try pictures.grid(of: pixels.shape)
        let count = leading.count
        let patches = pixels.patches(size: pictures.patchSize, leading: count)
        let rows = Variable.linear(
            Variable(constant: patches),
            projection,
            adding: table(grid)
        )  // [pictures · (leading + patches), width]
        return (rows, Sequences(count: pixels.shape[0], length: count + grid.count))
    }

    /// What is added to each picture's rows: `[leading + patches, width]`.
    private func table(_ grid: PatchGrid) -> Variable {
        var table = positions
        if grid != pictures.grid {
            let weights = grid.interpolation(from: pictures.grid, leading: leading.count)
            table = table.sums(weightedBy: weights)
        }
        for (row, token) in leading.enumerated() {
            table = table.adding(token, toRows: row..<row + 1)
        }
        guard let bias else { return table }
        return table.adding(bias, toRows: leading.count..<leading.count + grid.count)
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
        positions = try p("position_embeddings", 1, count, width).reshaped([count, width])
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
