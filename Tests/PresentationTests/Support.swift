import Foundation
import FoundationXML
import Testing

/// The elements of a drawing or a page, as a parser of XML sees them.
final class ReadMarkup: NSObject, XMLParserDelegate {
    struct Element {
        let name: String
        let attributes: [String: String]
        var text = ""
        var classes: [Substring] { (attributes["class"] ?? "").split(separator: " ") }
    }

    private(set) var elements: [Element] = []
    private var open: [Int] = []

    /// Reads what has to be well-formed.
    init(_ source: String) {
        super.init()
        let parser = XMLParser(data: Data(source.utf8))
        parser.delegate = self
        #expect(parser.parse(), "\(parser.parserError?.localizedDescription ?? "")")
    }

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        open.append(elements.count)
        elements.append(Element(name: name, attributes: attributes))
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        if let last = open.last { elements[last].text += string }
    }

    func parser(
        _ parser: XMLParser,
        didEndElement name: String,
        namespaceURI: String?,
        qualifiedName: String?
    ) {
        open.removeLast()
    }

    /// The elements of a class.
    func of(class name: String) -> [Element] {
        elements.filter { $0.classes.contains(Substring(name)) }
    }

    /// The contents of the elements of a name.
    func texts(of name: String) -> [String] { elements.filter { $0.name == name }.map(\.text) }
}
