import Glibc
import Systemd
import Testing

/// Without a bus: what the daemon meets when systemd or the bus is down.
@Suite("The system bus, absent", .serialized, .timeLimit(.minutes(10)))
struct SystemdBusTests {
    init() { setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1) }

    @Test("a call waits for a connection within its timeout, then says what it wanted")
    func timesOut() async throws {
        try await withBus { bus in
            await #expect(throws: SystemdError.deadlineExceeded("listing the units rktlet-*")) {
                try await bus.listUnits(prefix: "rktlet-", timeout: .milliseconds(50))
            }
        }
    }

    @Test("a cancelled call ends at once")
    func honoursCancellation() async throws {
        try await withBus { bus in
            let call = Task { () -> SystemdError? in
                do throws(SystemdError) {
                    try await bus.stopUnit("rktlet-a.service", timeout: .seconds(600))
                    return nil
                } catch {
                    return error
                }
            }
            call.cancel()
            #expect(await call.value == .cancelled)
        }
    }

    @Test("when the bus thread ends, calls fail and watchers end")
    func endsEverything() async throws {
        let bus = SystemdBus()
        let running = Task { try await bus.run() }
        var changes = bus.unitChanges(prefix: "rktlet-").makeAsyncIterator()
        let waiting = Task { try await bus.listUnits(prefix: "rktlet-", timeout: .seconds(600)) }
        running.cancel()
        try await running.value
        #expect(await changes.next() == nil)
        await #expect(throws: SystemdError.disconnected("listing the units rktlet-*")) { try await waiting.value }
        await #expect(throws: SystemdError.disconnected("stopping rktlet-a.service")) {
            try await bus.stopUnit("rktlet-a.service", timeout: .seconds(600))
        }
    }

    private func withBus(_ body: @Sendable @escaping (SystemdBus) async throws -> Void) async throws {
        let bus = SystemdBus()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            defer { group.cancelAll() }
            try await body(bus)
        }
    }
}
