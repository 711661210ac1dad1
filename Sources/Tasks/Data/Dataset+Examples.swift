internal import FoundationEssentials

extension Dataset {
    /// The inputs that a reference selects, without reading their labels.
    ///
    /// - Throws: ``DataError`` where the split is not there, its file is not as it should be, or
    ///   nothing is selected.
    public func unlabeled(_ reference: SplitReference) throws -> UnlabeledExamples {
        try unlabeled([reference])[0]
    }

    /// The inputs that each of some references selects, without reading labels.
    ///
    /// A split is read once, however many references there are to it.
    public func unlabeled(_ references: [SplitReference]) throws -> [UnlabeledExamples] {
        var known: [String: Records] = [:]
        return try references.map { reference in
            let file = try file(of: reference.split)
            let records = try known[reference.split] ?? records(of: file, label: nil)
            known[reference.split] = records
            try records.check(file)
            return try select(reference, of: records, in: file).examples
        }
    }

    /// The inputs that a reference selects, with their labels.
    ///
    /// - Parameters:
    ///   - reference: the split, or a part of it.
    ///   - classNames: the names of the model's classes, in the order of its outputs; `nil` takes
    ///     those of `labels.json` beside the data.
    /// - Returns: the examples, with the output of the model that each label means.
    /// - Throws: ``DataError`` as without labels, and where a label is absent, unknown or out of
    ///   range anywhere in the file.
    public func labeled(
        _ reference: SplitReference,
        classNames: [String]? = nil
    ) throws -> LabeledExamples {
        let file = try file(of: reference.split)
        let field = source.label ?? file.format.labelField
        let records = try records(of: file, label: field)
        let classes = try Classes(model: classNames, of: file)
        let labels = try labels(of: records, in: file, field: field, classes)
        let (examples, range) = try select(reference, of: records, in: file)
        return LabeledExamples(
            examples: examples,
            labels: Array(labels[range]),
            classNames: classes.names
        )
    }
}

extension Dataset {
    /// The records of a file; their labels are read only where the name of their field is given.
    private func records(of file: DataFile, label: String?) throws -> Records {
        try file.format.records(of: file.url, Fields(source, label: label))
    }

    /// The outputs that the labels of all records mean, or all that is wrong with the records.
    private func labels(
        of records: Records,
        in file: DataFile,
        field: String,
        _ classes: Classes
    ) throws(DataError) -> [Int32] {
        if records.all.allSatisfy({ $0.label == nil }) {
            try records.check(file)
            throw .noLabels(file.url.path, field: field)
        }
        var faults = records.faults
        let labels = records.all.compactMap { record -> Int32? in
            switch record.label.map(classes.output) ?? .failure(.noLabel(field: field)) {
            case .success(let output): return output
            case .failure(let problem):
                faults.add(problem, at: record.line)
                return nil
            }
        }
        try records.check(file, faults: faults)
        return labels
    }

    private func select(
        _ reference: SplitReference,
        of records: Records,
        in file: DataFile
    ) throws(DataError) -> (examples: UnlabeledExamples, range: Range<Int>) {
        let range = reference.slice.range(count: records.all.count)
        guard !range.isEmpty else {
            throw .emptySelection("\(reference)", file: file.url.path, count: records.all.count)
        }
        let selected = records.all[range]
        let examples = UnlabeledExamples(
            selection: Selection(
                reference: reference,
                file: file.url.resolvingSymlinksInPath().path,
                indices: Array(range)
            ),
            inputs: selected.map(\.input),
            lines: selected.map(\.line),
            place: records.place
        )
        return (examples, range)
    }
}
