import ByteText

/// JSON that is written member by member, in the order it is told: for answers that are too large, or too frequent, to be built as values
/// first. Whoever writes it says what is an object; nothing is checked.
package struct JSONText: Sendable {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init() {}

    package init(reservingCapacity capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Takes what was written so far away: lists are sent in pieces.
    package mutating func take() -> [UInt8] {
        let taken = bytes
        bytes.removeAll(keepingCapacity: true)
        return taken
    }

    // MARK: Values

    package mutating func object(_ members: (inout JSONText) -> Void) {
        open(UInt8(ascii: "{"))
        members(&self)
        close(UInt8(ascii: "}"))
    }

    package mutating func array<Elements: Sequence>(
        _ elements: Elements, _ write: (inout JSONText, Elements.Element) -> Void
    ) {
        open(UInt8(ascii: "["))
        for element in elements { write(&self, element) }
        close(UInt8(ascii: "]"))
    }

    package mutating func string(_ value: String) {
        separate()
        JSONStringText.append(value, to: &bytes)
    }

    package mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

    package mutating func number(_ value: some BinaryInteger) {
        separate()
        appendDigits(of: value)
    }

    package mutating func null() { literal("null") }

    /// A value that is there already.
    package mutating func value(_ value: JSON) {
        separate()
        bytes.append(contentsOf: value.serialized().utf8)
    }

    // MARK: Members of the object that is open

    /// - Parameter name: needs no escape.
    package mutating func member(_ name: StaticString, _ value: (inout JSONText) -> Void) {
        key(name)
        value(&self)
    }

    package mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    package mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    package mutating func member(_ name: StaticString, number value: some BinaryInteger) {
        key(name)
        number(value)
    }

    /// A 64-bit number in quotes, as protobuf's JSON mapping has it: JavaScript would round it.
    package mutating func member(_ name: StaticString, quoted value: some BinaryInteger) {
        key(name)
        separate()
        bytes.append(UInt8(ascii: "\""))
        appendDigits(of: value)
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func member(_ name: StaticString, _ values: [String]) {
        key(name)
        array(values) { $0.string($1) }
    }

    /// Keys sorted, so that equal maps are equal text.
    package mutating func member(_ name: StaticString, _ map: [String: String]) {
        key(name)
        open(UInt8(ascii: "{"))
        // Most have none or one: nothing to sort.
        if map.count < 2 {
            for (key, value) in map { entry(key, value) }
        } else {
            for (key, value) in map.sorted(by: { $0.key.precedes($1.key) }) { entry(key, value) }
        }
        close(UInt8(ascii: "}"))
    }

    /// For lists that are sent in pieces: the object, its one list and its elements by themselves.
    package mutating func openList(_ name: StaticString) {
        open(UInt8(ascii: "{"))
        key(name)
        open(UInt8(ascii: "["))
    }

    package mutating func closeList() {
        close(UInt8(ascii: "]"))
        close(UInt8(ascii: "}"))
    }

    // MARK: Text

    private mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func entry(_ key: String, _ value: String) {
        string(key)
        bytes.append(UInt8(ascii: ":"))
        JSONStringText.append(value, to: &bytes)
    }

    /// Without a string in between: a list has several of them in each element.
    private mutating func appendDigits(of value: some BinaryInteger) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = UInt64(value.magnitude)
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    private mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}
