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

extension Dictionary where Key == ByteString {
    /// By the key's bytes, for a text that is at hand.
    package subscript(text text: some StringProtocol) -> Value? {
        get { self[ByteString(text)] }
        set { self[ByteString(text)] = newValue }
    }

    /// The keys in the order of their bytes.
    package var sortedKeys: [String] { keys.sorted().map(\.text) }
}

extension Set where Element == ByteString {
    package func contains(_ text: some StringProtocol) -> Bool { contains(ByteString(text)) }
}

extension Dictionary where Key == String {
    /// The value of the key with these very bytes. Such a dictionary cannot hold two keys that are canonically equivalent; what reads foreign
    /// ones refuses the second. Looking up with `[key]` finds an equivalent key too.
    package subscript(exactly key: String) -> Value? {
        guard let place = index(forKey: key), self[place].key.isSame(as: key) else { return nil }
        return self[place].value
    }
}
