import JSON
import NIOCore

/// An object with one list, as pieces of some 64 KiB, each written when it is asked for.
struct JSONListPieces<Element>: Sequence, IteratorProtocol {
    private static var size: Int { 64 * 1024 }

    private var elements: IndexingIterator<[Element]>
    private let write: (Element, inout JSONText) -> Void
    private var json = JSONText(reservingCapacity: size * 2)
    private var isAtEnd = false

    init(_ name: StaticString, _ elements: [Element], _ write: @escaping (Element, inout JSONText) -> Void) {
        self.elements = elements.makeIterator()
        self.write = write
        json.openList(name)
    }

    mutating func next() -> ByteBuffer? {
        if isAtEnd { return nil }
        while json.bytes.count < Self.size {
            guard let element = elements.next() else {
                isAtEnd = true
                json.closeList()
                break
            }
            write(element, &json)
        }
        return ByteBuffer(bytes: json.take())
    }
}
