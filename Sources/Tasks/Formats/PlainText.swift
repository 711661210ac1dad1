internal import FoundationEssentials

/// Running text: material for language models, in which there are no examples to classify.
struct PlainText: DatasetFormat {
    let name = "text"
    let pathExtensions = ["txt"]

    func records(of file: URL, _: Fields) throws -> Records {
        throw DataError.notForExamples(file.path)
    }
}
