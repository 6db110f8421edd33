/// What went through the interfaces of a network namespace, the loopback left out.
package struct NetworkUsage: Hashable, Sendable {
    package var at: Timestamp
    /// The one that the pod's network was attached by.
    package var main: InterfaceUsage
    package var others: [InterfaceUsage]

    package init(at: Timestamp, main: InterfaceUsage, others: [InterfaceUsage] = []) {
        self.at = at
        self.main = main
        self.others = others
    }

    package var interfaces: [InterfaceUsage] { [main] + others }
}

/// Counts so far.
package struct InterfaceUsage: Hashable, Sendable {
    package struct Direction: Hashable, Sendable {
        package var bytes: UInt64
        package var packets: UInt64
        package var errors: UInt64
        package var dropped: UInt64

        package init(bytes: UInt64, packets: UInt64 = 0, errors: UInt64 = 0, dropped: UInt64 = 0) {
            self.bytes = bytes
            self.packets = packets
            self.errors = errors
            self.dropped = dropped
        }
    }

    package var name: String
    package var received: Direction
    package var sent: Direction

    package init(name: String, received: Direction, sent: Direction) {
        self.name = name
        self.received = received
        self.sent = sent
    }
}
