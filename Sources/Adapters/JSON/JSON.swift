/// One JSON value (RFC 8259), read by libjson-c and held as a Swift value.
///
/// Whole numbers keep their exact value: `integer` holds whatever fits an `Int64`, `unsigned` only what is larger, so that two equal
/// numbers are always the same case. A number written with a fraction or an exponent is a `double`, also when it is whole.
package enum JSON: Equatable, Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A whole number above `Int64.max`. Use `init(_: UInt64)` to make one: smaller numbers belong in `integer`.
    case unsigned(UInt64)
    case double(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// A whole number of any size that JSON can carry here, in its one right case.
    package init(_ number: UInt64) {
        if let small = Int64(exactly: number) {
            self = .integer(small)
        } else {
            self = .unsigned(number)
        }
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }

    /// The last of two equal keys wins.
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
