internal import Checkpoints

/// Where the rows of a merged model's tables come from.
///
/// A table has a row for every token of a vocabulary. Where the merged model has another vocabulary
/// than one of its models, the tables of each model are laid out anew before a method sees them: a
/// row stays with its token, and one that the model lacks is taken from others. Models count by
/// their places in the pool: the base, where there is one, then the experts.
public struct RowGathering: Sendable {
    /// A row of a model's own table.
    public struct Place: Hashable, Sendable {
        /// The model, by its place in the pool.
        public let model: Int
        /// The row of its table.
        public let row: Int

        /// A row of a model.
        public init(model: Int, row: Int) { (self.model, self.row) = (model, row) }
    }

    /// Where the rows of one model's tables come from, in four bytes a row.
    public struct Layout: Sendable, Equatable {
        enum Origin: Equatable {
            /// A row of the model's own table.
            case own(Int)
            /// A row that is made of others.
            case shared(Int)
            /// A row without a token, which holds the mean of those that have one.
            case unused
        }

        /// Own rows from 0 on, -1 for unused ones, -2 - i for the shared row i.
        private var codes: [Int32] = []

        /// No rows yet.
        public init() {}

        /// Appends a row of the model's own table.
        public mutating func append(own row: Int) { codes.append(Int32(row)) }

        /// Appends a row that is made of others, by its index among those.
        public mutating func append(shared index: Int) { codes.append(Int32(-2 - index)) }

        /// Appends a row without a token.
        public mutating func appendUnused() { codes.append(-1) }

        /// The number of rows.
        public var count: Int { codes.count }

        subscript(row: Int) -> Origin {
            switch codes[row] {
            case let code where code >= 0: .own(Int(code))
            case -1: .unused
            case let code: .shared(Int(-2 - code))
            }
        }
    }

    /// The base's names of the tables.
    public let tables: Set<String>
    /// The number of rows that the merged tables have.
    public let rows: Int
    /// The number of rows of each model's own tables.
    let sourceRows: [Int]
    /// The layout of each model's tables.
    let layouts: [Layout]
    /// What rows that are shared hold: the mean of these rows, or zeros.
    let shared: [[Place]]

    /// Tables laid out anew.
    ///
    /// Every layout has `rows` rows, and whatever it names lies within the models' own rows.
    public init(
        tables: Set<String>,
        rows: Int,
        sourceRows: [Int],
        layouts: [Layout],
        shared: [[Place]]
    ) {
        precondition(layouts.count == sourceRows.count && layouts.allSatisfy { $0.count == rows })
        (self.tables, self.rows, self.sourceRows) = (tables, rows, sourceRows)
        (self.layouts, self.shared) = (layouts, shared)
    }

    /// The shape that a parameter has in a model, where the reference has another one.
    func shape(_ shape: [Int], of parameter: String, in model: Int) -> [Int] {
        guard tables.contains(parameter) else { return shape }
        return TokenTables.shape(shape, withRows: sourceRows[model])
    }
}

extension ModelPool.Parameter {
    /// The same parameter with its tables laid out anew, where it is one by token.
    func gathered(by gathering: RowGathering?, rounding: DType?) -> ModelPool.Parameter {
        guard let gathering, gathering.tables.contains(name) else { return self }
        let values = (base.map { [.dense($0)] } ?? []) + experts
        let sources = zip(values, gathering.sourceRows).map {
            GatheredTable.Source(
                values: $0,
                base: base,
                rows: $1,
                width: count / max(TokenTables.rows(of: shape), 1)
            )
        }
        func view(_ model: Int) -> ParameterView? {
            (values[model].view ?? base).map {
                ParameterView(
                    $0.stored,
                    gathered: GatheredTable(model: model, sources: sources, gathering),
                    rounding: rounding
                )
            }
        }
        let first = base == nil ? 0 : 1
        return ModelPool.Parameter(
            name: name,
            shape: TokenTables.shape(shape, withRows: gathering.rows),
            dtype: dtype,
            base: base == nil ? nil : view(0),
            experts: experts.indices.map { index in
                let model = first + index
                // What leaves the base as it is does so under its own vocabulary alone.
                if case .unchanged = experts[index],
                    gathering.layouts[model] == gathering.layouts[0]
                {
                    return .unchanged
                }
                return view(model).map(ExpertParameter.dense) ?? experts[index]
            }
        )
    }
}

extension ModelPool.Parameter {
    /// Some rows of matrices of equal width, counted from the first's through all of them.
    init(_ name: String, rows: Range<Int>, of matrices: [ModelPool.Parameter]) {
        func view(_ values: (ModelPool.Parameter) -> ExpertParameter?) -> ParameterView? {
            let sources = matrices.compactMap { matrix in
                values(matrix).map {
                    GatheredTable.Source(
                        values: $0,
                        base: matrix.base,
                        rows: matrix.shape[0],
                        width: matrix.shape[1]
                    )
                }
            }
            let first = matrices.first.flatMap { values($0)?.view ?? $0.base }
            guard sources.count == matrices.count, let first else { return nil }
            let table = GatheredTable(rows, of: sources)
            // The sources are rounded already.
            return ParameterView(first.stored, gathered: table, rounding: nil)
        }
        let first = matrices[0]
        self.init(
            name: name,
            shape: [rows.count, first.shape[1]],
            dtype: first.dtype,
            base: view { $0.base.map(ExpertParameter.dense) },
            experts: first.experts.indices.map { expert in
                let isUnchanged = matrices.allSatisfy {
                    if case .unchanged = $0.experts[expert] { true } else { false }
                }
                let own = isUnchanged ? nil : view { $0.experts[expert] }
                return own.map(ExpertParameter.dense) ?? .unchanged
            }
        )
    }
}
