import Glibc

/// The thread that owns the bus connection: takes requests, sends them, matches replies and signals, keeps deadlines, reconnects.
///
/// Confined to the thread that calls `run()`.
final class BusLoop {
    /// What a reply is the answer to.
    enum Route {
        case call(BusCallToken)
        case listing(UnitChangeMailbox)
        /// Nobody waits for it.
        case ignored
    }

    private let inbox: BusInbox
    var connection: BusConnection?
    private var reconnectAt = ContinuousClock.now
    var reconnectDelay = Duration.milliseconds(100)
    private var stopping = false

    var calls: [ObjectIdentifier: PendingBusCall] = [:]
    var routes: [UInt64: Route] = [:]
    var jobs = JobWaiters()
    var watchers: [(prefix: String, mailbox: UnitChangeMailbox)] = []

    init(inbox: BusInbox) { self.inbox = inbox }

    /// Returns after a `shutDown` message; every call has ended then.
    func run() {
        while !stopping {
            inbox.take().forEach(handle)
            connectIfDue()
            process()
            expire()
            if !stopping { wait() }
        }
        connection = nil
        for call in calls.values { call.call.finish(.failure(.disconnected(call.call.request.summary))) }
        for watcher in watchers { watcher.mailbox.finish() }
        inbox.shut()
    }

    // MARK: Inbox

    private func handle(_ message: BusInbox.Message) {
        switch message {
        case .call(let call):
            guard !call.token.isCancelled else { return call.finish(.failure(.cancelled)) }
            calls[ObjectIdentifier(call.token)] = PendingBusCall(call)
            if connection != nil { send(call) }
        case .cancel(let token):
            finish(token, .failure(.cancelled))
        case .watch(let prefix, let mailbox):
            let isFirst = watchers.isEmpty
            watchers.append((prefix, mailbox))
            guard let connection else { return }
            if isFirst { setPropertiesMatch(true, on: connection) }
            request(listing: prefix, for: mailbox, on: connection)
        case .unwatch(let mailbox):
            watchers.removeAll { $0.mailbox === mailbox }
            mailbox.finish()
            if watchers.isEmpty, let connection { setPropertiesMatch(false, on: connection) }
        case .shutDown:
            stopping = true
        }
    }

    func finish(_ token: BusCallToken, _ result: BusResult) {
        guard let pending = calls.removeValue(forKey: ObjectIdentifier(token)) else { return }
        for path in pending.jobPaths { jobs.remove(token, from: path) }
        pending.call.finish(result)
    }

    private func expire() {
        let now = ContinuousClock.now
        for pending in calls.values where pending.call.deadline <= now {
            finish(pending.call.token, .failure(.deadlineExceeded(pending.call.request.summary)))
        }
    }

    // MARK: Connection

    private func connectIfDue() {
        guard connection == nil, !stopping, ContinuousClock.now >= reconnectAt else { return }
        do throws(BusFailure) {
            let fresh = try BusConnection()
            try subscribe(fresh)
            connection = fresh
        } catch {
            return scheduleReconnect()
        }
        for pending in calls.values { send(pending.call) }
        guard let connection else { return }
        for watcher in watchers { request(listing: watcher.prefix, for: watcher.mailbox, on: connection) }
    }

    private func subscribe(_ connection: BusConnection) throws(BusFailure) {
        let sender = "type='signal',sender='org.freedesktop.systemd1'"
        let manager = "\(sender),path='/org/freedesktop/systemd1',interface='org.freedesktop.systemd1.Manager'"
        for member in ["JobRemoved", "UnitRemoved", "Reloading"] {
            routes[try connection.addMatch("\(manager),member='\(member)'")] = .ignored
        }
        if !watchers.isEmpty { routes[try connection.addMatch(Self.propertiesRule)] = .ignored }
        routes[try connection.callManager("Subscribe")] = .ignored
    }

    /// D-Bus cannot match a part of a path element, so the signals of all units come, and those of others are dropped by path before
    /// their body is looked at. Without a watcher none come: on a busy host they are many.
    private static let propertiesRule =
        "type='signal',sender='org.freedesktop.systemd1',interface='org.freedesktop.DBus.Properties',"
        + "member='PropertiesChanged',path_namespace='\(UnitObjectPath.prefix)',arg0='org.freedesktop.systemd1.Unit'"

    /// A connection that cannot even send is found lost by the next look at it, and then made anew with the right matches.
    private func setPropertiesMatch(_ wanted: Bool, on connection: BusConnection) {
        let cookie =
            wanted ? try? connection.addMatch(Self.propertiesRule) : try? connection.removeMatch(Self.propertiesRule)
        if let cookie { routes[cookie] = .ignored }
    }

    private func disconnect() {
        connection = nil
        routes = [:]
        jobs.removeAll()
        // What was sent may have been carried out: the caller decides whether to ask again.
        for pending in calls.values where pending.sent {
            finish(pending.call.token, .failure(.disconnected(pending.call.request.summary)))
        }
        scheduleReconnect()
    }

    private func scheduleReconnect() {
        connection = nil
        routes = [:]
        reconnectAt = ContinuousClock.now + reconnectDelay
        reconnectDelay = min(reconnectDelay * 2, .seconds(5))
    }

    private func process() {
        guard let connection else { return }
        var lost = false
        do throws(BusFailure) {
            try connection.process { message in
                if message.isMethodCall {
                    connection.refuse(message)
                } else if let cookie = message.replyCookie {
                    receive(reply: message, cookie: cookie)
                } else if message.interface == "org.freedesktop.DBus.Local" {
                    lost = true
                } else {
                    receive(signal: message)
                }
            }
        } catch {
            lost = true
        }
        if lost { disconnect() }
    }

    private func wait() {
        var descriptors = [pollfd(fd: inbox.wakeDescriptor, events: Int16(POLLIN), revents: 0)]
        if let connection {
            descriptors.append(pollfd(fd: connection.descriptor, events: connection.events, revents: 0))
        }
        poll(&descriptors, nfds_t(descriptors.count), waitMilliseconds())
    }

    private func waitMilliseconds() -> Int32 {
        let now = ContinuousClock.now
        var instants = calls.values.map(\.call.deadline)
        if connection == nil { instants.append(reconnectAt) }
        if let wake = connection?.wakeTime { instants.append(now + Self.untilMonotonic(wake)) }
        if inbox.wakeDescriptor < 0 { instants.append(now + .milliseconds(100)) }
        guard let first = instants.min() else { return -1 }
        let (seconds, attoseconds) = max(first - now, .zero).components
        // Rounded up: waking early would spin.
        return Int32(min(seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1, 60_000))
    }

    private static func untilMonotonic(_ microseconds: UInt64) -> Duration {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let passed = UInt64(now.tv_sec) * 1_000_000 + UInt64(now.tv_nsec) / 1000
        return microseconds > passed ? .microseconds(Int64(clamping: microseconds - passed)) : .zero
    }
}
