/// A setting of a unit as org.freedesktop.systemd1(5) has it.
package struct UnitProperty: Equatable, Sendable {
    package enum Value: Equatable, Sendable {
        /// D-Bus type `t`.
        case number(UInt64)
        /// Type `ay`.
        case bytes([UInt8])
    }

    package var name: String
    package var value: Value

    package init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }
}
