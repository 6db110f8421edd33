/// One field of a header section. Names are lower case, as HTTP/2 wants them.
package struct HeaderField: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// The field's size as RFC 9113 section 6.5.2 counts it against SETTINGS_MAX_HEADER_LIST_SIZE.
    static func listSize(nameBytes: Int, valueBytes: Int) -> Int {
        nameBytes + valueBytes + 32
    }
}
