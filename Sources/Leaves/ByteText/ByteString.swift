/// A text that is the same as another only if it has the same bytes, and is sorted by them: for keys of dictionaries, members of sets, names.
package struct ByteString: Sendable {
    package let text: String

    package init(_ text: some StringProtocol) { self.text = String(text) }
}

extension ByteString: Hashable, Comparable {
    package static func == (left: Self, right: Self) -> Bool { left.text.isSame(as: right.text) }

    package static func < (left: Self, right: Self) -> Bool { left.text.precedes(right.text) }

    package func hash(into hasher: inout Hasher) {
        text[...].withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // No byte of UTF-8: the ends of two texts in a row are told apart.
        hasher.combine(0xff as UInt8)
    }
}

extension ByteString: ExpressibleByStringLiteral, CustomStringConvertible {
    package init(stringLiteral text: String) { self.text = text }

    package var description: String { text }
}
