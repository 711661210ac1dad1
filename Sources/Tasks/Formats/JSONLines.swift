internal import FoundationEssentials

/// One JSON object a line, in UTF-8.
struct JSONLines: DatasetFormat {
    let name = "jsonl"
    let pathExtensions = ["jsonl", "ndjson", "json"]

    func records(of file: URL, _ fields: Fields) throws -> Records {
        var records = Records()
        let decoder = JSONDecoder()
        try TextFile(file).forEachLine { number, line in
            do throws(LineProblem) {
                let object = try JSONObject(line, fields, decoder)
                records.all.append(
                    Record(
                        input: .text(object.text, pair: object.pair),
                        label: object.label,
                        line: number
                    )
                )
            } catch {
                records.faults.add(error, at: number)
            }
        }
        return records
    }
}

/// The fields of an object that make an example; all others are passed over.
private struct JSONObject: DecodableWithConfiguration {
    let text: String
    let pair: String?
    let label: Label?

    init(
        _ line: ArraySlice<UInt8>,
        _ fields: Fields,
        _ decoder: JSONDecoder
    ) throws(LineProblem) {
        guard line.count <= TextFile.recordLimit else {
            throw .tooLong(limit: TextFile.recordLimit)
        }
        // The decoder would take zero bytes for a sign of UTF-16.
        guard !line.contains(0) else { throw .zeroByte }
        guard String(validating: line, as: UTF8.self) != nil else { throw .notUTF8 }
        do {
            self = try decoder.decode(Self.self, from: Data(line), configuration: fields)
        } catch let problem as LineProblem {
            throw problem
        } catch DecodingError.typeMismatch, DecodingError.valueNotFound {
            throw .notAnObject(found: "another JSON value")
        } catch {
            throw .notJSON(String(decoding: line.prefix(240), as: UTF8.self))
        }
    }

    init(from decoder: any Decoder, configuration fields: Fields) throws {
        let object = try decoder.container(keyedBy: Key.self)
        guard let text = try object.text(fields.text) else {
            throw LineProblem.noField(fields.text, found: object.names)
        }
        self.text = text
        pair = try object.text(fields.pair)
        if pair == nil, fields.requiresPair {
            throw LineProblem.noField(fields.pair, found: object.names)
        }
        label = try fields.label.flatMap { try object.label($0) }
    }
}

private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<Key> {
    /// The names of the fields, in one order for every run.
    fileprivate var names: [String] { allKeys.map(\.stringValue).sorted() }

    /// The text in a field, `nil` where the field is absent or null.
    fileprivate func text(_ field: String) throws -> String? {
        let key = Key(stringValue: field)
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        if let text = try? decode(String.self, forKey: key) { return text }
        throw LineProblem.notAText(field: field, found: kind(key))
    }

    /// The label in a field, `nil` where the field is absent or null.
    fileprivate func label(_ field: String) throws -> Label? {
        let key = Key(stringValue: field)
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        if let index = try? decode(Int.self, forKey: key) { return .index(index) }
        if let name = try? decode(String.self, forKey: key) { return .name(name) }
        return .invalid(found: kind(key))
    }

    /// What a message says was found in place of a text or an integer.
    private func kind(_ key: Key) -> String {
        if let value = try? decode(Bool.self, forKey: key) { return "\(value)" }
        if let value = try? decode(Double.self, forKey: key) { return "the number \(value)" }
        if (try? nestedUnkeyedContainer(forKey: key)) != nil { return "a list" }
        if (try? nestedContainer(keyedBy: Key.self, forKey: key)) != nil { return "an object" }
        return "something else"
    }
}
