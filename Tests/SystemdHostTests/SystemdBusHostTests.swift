import Glibc
import Systemd
import Testing

/// Needs systemd as PID 1 and a system bus: runs in the test host.
@Suite("The system bus of a real systemd", .serialized, .timeLimit(.minutes(10)))
struct SystemdBusHostTests {
    private static let prefix = "rktlet-bustest-"

    @Test("starts of units show up as changes, states are read, and a stop waits until the unit is gone")
    func followsAUnit() async throws {
        try await withBus { bus in
            let unit = Self.prefix + "a.service"
            var changes = bus.unitChanges(prefix: Self.prefix).makeAsyncIterator()
            let first = await changes.next()
            #expect(first?.listing == [])

            try startTransient(unit, ["--collect"], ["/bin/sleep", "600"])
            await follow(&changes, unit) { $0 == .state(active: "active", sub: "running") }

            let state = try #require(try await bus.unitState(unit))
            #expect(state.activeState == "active")
            #expect(state.subState == "running")
            #expect(state.result == "success")
            #expect(state.mainPID > 0)
            #expect(state.controlGroup.hasSuffix(unit))
            #expect(state.invocationID.count == 32)
            let listed = try await bus.listUnits(prefix: Self.prefix)
            #expect(listed.map(\.name) == [unit])

            try await bus.stopUnit(unit, timeout: .seconds(30))
            await follow(&changes, unit) { $0 == .removed }
            let after = try await bus.unitState(unit)
            #expect(after == nil)
            let left = try await bus.listUnits(prefix: Self.prefix)
            #expect(left.isEmpty)
        }
    }

    @Test("stopping and forgetting a unit that is not there is done already; a signal to it is an error")
    func idempotence() async throws {
        try await withBus { bus in
            try await bus.stopUnit(Self.prefix + "none.service", timeout: .seconds(10))
            try await bus.resetFailed(Self.prefix + "none.service")
            await #expect(throws: SystemdError.noSuchUnit(Self.prefix + "none.service")) {
                try await bus.killUnit(Self.prefix + "none.service", signal: 15)
            }
            await #expect(throws: SystemdError.self) {
                try await bus.stopUnit("not a unit name", timeout: .seconds(10))
            }
        }
    }

    @Test("a failed unit tells its result and exit code until it is forgotten")
    func failure() async throws {
        try await withBus { bus in
            let unit = Self.prefix + "fail.service"
            try? startTransient(unit, ["--service-type=oneshot"], ["/bin/sh", "-c", "echo its last words; exit 7"])
            let state = try #require(try await bus.unitState(unit))
            #expect(state.activeState == "failed")
            #expect(state.result == "exit-code")
            #expect(state.mainStatus == 7)
            #expect(state.mainCode == 1)
            #expect(await Journal.lastLines(of: unit, count: 20).contains("its last words"))
            try await bus.resetFailed(unit)
            let forgotten = try await bus.unitState(unit)
            #expect(forgotten == nil)
        }
    }

    @Test("a signal reaches the unit's processes")
    func signals() async throws {
        try await withBus { bus in
            let unit = Self.prefix + "kill.service"
            var changes = bus.unitChanges(prefix: unit).makeAsyncIterator()
            _ = await changes.next()
            try startTransient(unit, ["--collect"], ["/bin/sleep", "600"])
            try await bus.killUnit(unit, signal: SIGKILL)
            await follow(&changes, unit) { $0 == .removed }
        }
    }

    @Test("a stop that takes longer than its timeout is reported, and goes on")
    func timeouts() async throws {
        try await withBus { bus in
            let unit = Self.prefix + "slow.service"
            var changes = bus.unitChanges(prefix: unit).makeAsyncIterator()
            // There is a connection: the stop is asked for well within its timeout.
            _ = await changes.next()
            try startTransient(
                unit, ["--collect", "-p", "TimeoutStopSec=120", "-p", "KillSignal=SIGWINCH"], ["/bin/sleep", "600"])
            await #expect(throws: SystemdError.deadlineExceeded("stopping \(unit)")) {
                try await bus.stopUnit(unit, timeout: .seconds(3))
            }
            let state = try #require(try await bus.unitState(unit))
            #expect(state.activeState == "deactivating")
            try await bus.killUnit(unit, signal: SIGKILL)
            await follow(&changes, unit) { $0 == .removed }
        }
    }

    @Test("two who stop one unit at once both hear of its end, well before their timeout")
    func twoStops() async throws {
        try await withBus { bus in
            let unit = Self.prefix + "twice.service"
            try startTransient(
                unit, ["--collect", "-p", "TimeoutStopSec=2", "-p", "KillSignal=SIGWINCH"], ["/bin/sleep", "600"])
            let start = ContinuousClock.now
            async let first: Void = bus.stopUnit(unit, timeout: .seconds(30))
            async let second: Void = bus.stopUnit(unit, timeout: .seconds(30))
            _ = try await (first, second)
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    @Test("a second watcher, and one that comes after all have gone, hear of changes")
    func watchersComeAndGo() async throws {
        try await withBus { bus in
            for round in 1...2 {
                let unit = Self.prefix + "watched\(round).service"
                var first = bus.unitChanges(prefix: Self.prefix).makeAsyncIterator()
                var second = bus.unitChanges(prefix: Self.prefix).makeAsyncIterator()
                _ = await first.next()
                _ = await second.next()
                try startTransient(unit, ["--collect"], ["/bin/sleep", "600"])
                await follow(&first, unit) { $0 == .state(active: "active", sub: "running") }
                await follow(&second, unit) { $0 == .state(active: "active", sub: "running") }
                try await bus.stopUnit(unit, timeout: .seconds(30))
                await follow(&first, unit) { $0 == .removed }
            }
        }
    }

    @Test("after the bus is lost a watcher gets a whole listing, and calls work again")
    func reconnects() async throws {
        try await withBus { bus in
            var changes = bus.unitChanges(prefix: Self.prefix).makeAsyncIterator()
            _ = await changes.next()
            #expect(cutBusConnections() >= 1)
            var listed = false
            while !listed, let batch = await changes.next() { listed = batch.listing != nil }
            #expect(listed)
            let units = try await bus.listUnits(prefix: Self.prefix)
            #expect(units.isEmpty)
        }
    }

    // MARK: Parts

    private func withBus(_ body: @Sendable @escaping (SystemdBus) async throws -> Void) async throws {
        let bus = SystemdBus()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            defer { group.cancelAll() }
            try await body(bus)
        }
    }

    private func follow(
        _ changes: inout UnitChanges.Iterator, _ unit: String, until wanted: (UnitChange) -> Bool
    ) async {
        while let batch = await changes.next() {
            if let change = batch.changes[unit], wanted(change) { return }
        }
        Issue.record("the changes ended")
    }

    /// Shuts this process's own sockets to the bus, as a bus that goes down would. Answers how many there were.
    private func cutBusConnections() -> Int {
        (3..<Int32(256)).filter { descriptor in
            var address = sockaddr_un()
            var length = socklen_t(MemoryLayout<sockaddr_un>.size)
            let status = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
            }
            guard status == 0, address.sun_family == sa_family_t(AF_UNIX) else { return false }
            let path = withUnsafeBytes(of: address.sun_path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            return path.hasSuffix("/dbus/system_bus_socket") && shutdown(descriptor, Int32(SHUT_RDWR)) == 0
        }.count
    }

    private func startTransient(_ unit: String, _ options: [String], _ command: [String]) throws {
        try run(["/usr/bin/systemd-run", "--quiet", "--unit=\(unit)"] + options + ["--"] + command)
    }

    private func run(_ command: [String]) throws {
        var arguments = command.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var pid = pid_t()
        try #require(posix_spawn(&pid, command[0], nil, nil, &arguments, environ) == 0)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
        guard status == 0 else { throw CommandFailed(status: status) }
    }

    private struct CommandFailed: Error { let status: Int32 }
}
