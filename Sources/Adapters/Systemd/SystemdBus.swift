/// systemd's manager on the system bus. One thread owns the connection; callers wait without blocking theirs.
///
/// `run()` must be running for anything to be answered. A lost connection is made anew (after 0.1 to 5 s), and calls that may be made twice
/// are; a signal that was under way fails with `disconnected`. What comes meanwhile waits for the connection within its timeout.
package final class SystemdBus: Sendable {
    private let inbox = BusInbox()

    package init() {}

    /// Owns the bus thread: returns when the calling task is cancelled and the thread has ended. To be called once.
    package func run() async throws {
        let inbox = inbox
        try await withTaskCancellationHandler {
            try await DedicatedThread.run { BusLoop(inbox: inbox).run() }
        } onCancel: {
            inbox.post(.shutDown)
        }
    }

    /// Stops a unit and waits until its stop job is over, `ExecStopPost=` included. One that is not loaded is stopped already.
    ///
    /// After a cancellation or a timeout the stop goes on. A connection lost meanwhile is made anew, and the stop asked for again.
    package func stopUnit(_ name: String, timeout: Duration) async throws(SystemdError) {
        _ = try await repeated(.stop(unit: name), timeout)
    }

    /// Sends a signal to the unit's processes; `whom` is `main`, `control` or `all`.
    package func killUnit(
        _ name: String, signal: Int32, whom: String = "all", timeout: Duration = .seconds(25)
    ) async throws(SystemdError) {
        _ = try await perform(.kill(unit: name, whom: whom, signal: signal), deadline: .now + timeout)
    }

    /// Changes settings of a loaded unit until it is unloaded: all of them or, when systemd refuses one, none.
    package func setProperties(
        _ properties: [UnitProperty], of unit: String, timeout: Duration = .seconds(25)
    ) async throws(SystemdError) {
        _ = try await repeated(.set(unit: unit, properties), timeout)
    }

    /// Forgets a unit's failure, so that systemd can unload it. One that is not loaded needs none of it.
    package func resetFailed(_ name: String, timeout: Duration = .seconds(25)) async throws(SystemdError) {
        _ = try await repeated(.resetFailed(unit: name), timeout)
    }

    /// A service's state; nil when systemd knows no such unit.
    package func unitState(_ name: String, timeout: Duration = .seconds(25)) async throws(SystemdError) -> UnitState? {
        let reply = try await repeated(.state(unit: name), timeout)
        guard case .state(let state) = reply else { throw .unexpectedAnswer("reading the state of \(name)") }
        return state
    }

    /// The loaded units whose names begin with `prefix`, which holds no glob characters.
    package func listUnits(prefix: String, timeout: Duration = .seconds(25)) async throws(SystemdError) -> [UnitSummary]
    {
        let reply = try await repeated(.list(prefix: prefix), timeout)
        guard case .units(let units) = reply else { throw .unexpectedAnswer("listing the units \(prefix)*") }
        return units
    }

    /// The changes of the units under `prefix`, beginning with all there are. After a lost connection, and after a reload of systemd,
    /// there is a whole listing again.
    package func unitChanges(prefix: String) -> UnitChanges {
        let mailbox = UnitChangeMailbox()
        inbox.post(.watch(prefix: prefix, mailbox))
        return UnitChanges(
            mailbox: mailbox,
            subscription: UnitChangeSubscription { [inbox] in inbox.post(.unwatch(mailbox)) })
    }

    /// For what may be asked for twice: a connection lost meanwhile is made anew, and the request sent again.
    private func repeated(_ request: BusRequest, _ timeout: Duration) async throws(SystemdError) -> BusReply {
        let deadline = ContinuousClock.now + timeout
        while true {
            do throws(SystemdError) {
                return try await perform(request, deadline: deadline)
            } catch {
                guard case .disconnected = error, ContinuousClock.now < deadline, !inbox.isShut else { throw error }
            }
        }
    }

    private func perform(
        _ request: BusRequest, deadline: ContinuousClock.Instant
    ) async throws(SystemdError) -> BusReply {
        let token = BusCallToken()
        let result: BusResult = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let call = BusCall(token: token, request: request, deadline: deadline) {
                    continuation.resume(returning: $0)
                }
                inbox.post(.call(call))
            }
        } onCancel: {
            token.cancel()
            inbox.post(.cancel(token))
        }
        return try result.get()
    }
}
