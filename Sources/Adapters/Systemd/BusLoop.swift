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
    private var connection: BusConnection?
    private var reconnectAt = ContinuousClock.now
    private var reconnectDelay = Duration.milliseconds(100)
    private var stopping = false

    private var calls: [ObjectIdentifier: PendingBusCall] = [:]
    private var routes: [UInt64: Route] = [:]
    /// By job path, the call that waits for the job's end.
    private var jobs: [String: BusCallToken] = [:]
    private var watchers: [(prefix: String, mailbox: UnitChangeMailbox)] = []

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
            watchers.append((prefix, mailbox))
            if let connection { request(listing: prefix, for: mailbox, on: connection) }
        case .unwatch(let mailbox):
            watchers.removeAll { $0.mailbox === mailbox }
            mailbox.finish()
        case .shutDown:
            stopping = true
        }
    }

    private func finish(_ token: BusCallToken, _ result: BusResult) {
        guard let pending = calls.removeValue(forKey: ObjectIdentifier(token)) else { return }
        for path in pending.jobPaths { jobs[path] = nil }
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

    /// D-Bus cannot match a part of a path element, so the signals of all units come, and those of others are dropped by path before
    /// their body is looked at.
    private func subscribe(_ connection: BusConnection) throws(BusFailure) {
        let sender = "type='signal',sender='org.freedesktop.systemd1'"
        let manager = "\(sender),path='/org/freedesktop/systemd1',interface='org.freedesktop.systemd1.Manager'"
        for member in ["JobRemoved", "UnitRemoved", "Reloading"] {
            routes[try connection.addMatch("\(manager),member='\(member)'")] = .ignored
        }
        let properties = "interface='org.freedesktop.DBus.Properties',member='PropertiesChanged'"
        let units = "path_namespace='\(UnitObjectPath.prefix)',arg0='org.freedesktop.systemd1.Unit'"
        routes[try connection.addMatch("\(sender),\(properties),\(units)")] = .ignored
        routes[try connection.callManager("Subscribe")] = .ignored
    }

    private func disconnect() {
        connection = nil
        routes = [:]
        jobs = [:]
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

    // MARK: Requests

    private func send(_ call: BusCall) {
        guard let connection else { return }
        do throws(BusFailure) {
            for cookie in try Self.send(call.request, on: connection) { routes[cookie] = .call(call.token) }
            calls[ObjectIdentifier(call.token)]?.sent = true
        } catch {
            let text = String(cString: strerror(error.code))
            finish(call.token, .failure(.refused(operation: call.request.summary, name: "errno \(error.code)", message: text)))
        }
    }

    /// Answers the cookies of the replies to come.
    private static func send(_ request: BusRequest, on connection: BusConnection) throws(BusFailure) -> [UInt64] {
        switch request {
        case .stop(let unit):
            [try connection.callManager("StopUnit") { $0.append(unit) && $0.append("replace") }]
        case .kill(let unit, let whom, let signal):
            [try connection.callManager("KillUnit") { $0.append(unit) && $0.append(whom) && $0.append(signal) }]
        case .resetFailed(let unit):
            [try connection.callManager("ResetFailedUnit") { $0.append(unit) }]
        case .state(let unit):
            [
                try connection.getAll("org.freedesktop.systemd1.Unit", ofUnit: unit),
                try connection.getAll("org.freedesktop.systemd1.Service", ofUnit: unit),
            ]
        case .list(let prefix):
            [try list(prefix, on: connection)]
        }
    }

    private static func list(_ prefix: String, on connection: BusConnection) throws(BusFailure) -> UInt64 {
        try connection.callManager("ListUnitsByPatterns") { $0.append([String]()) && $0.append([prefix + "*"]) }
    }

    private func request(listing prefix: String, for mailbox: UnitChangeMailbox, on connection: BusConnection) {
        guard let cookie = try? Self.list(prefix, on: connection) else { return }
        routes[cookie] = .listing(mailbox)
    }

    // MARK: Replies

    private func receive(reply message: BusMessage, cookie: UInt64) {
        // The connection works: the next loss is met with a quick try again.
        reconnectDelay = .milliseconds(100)
        switch routes.removeValue(forKey: cookie) {
        case .call(let token): receive(reply: message, for: token)
        case .listing(let mailbox):
            if let units = Self.units(in: message) { mailbox.put(listing: units) }
        case .ignored, nil: break
        }
    }

    private func receive(reply message: BusMessage, for token: BusCallToken) {
        let key = ObjectIdentifier(token)
        guard let pending = calls[key] else { return }
        let request = pending.call.request
        if let error = message.error {
            return finish(token, Self.result(of: request, error: error))
        }
        switch request {
        case .stop:
            guard let path = message.string("o") else { break }
            jobs[path] = token
            calls[key]?.jobPaths.append(path)
            return
        case .kill, .resetFailed:
            return finish(token, .success(.done))
        case .list:
            guard let units = Self.units(in: message) else { break }
            return finish(token, .success(.units(units)))
        case .state(let unit):
            guard calls[key]?.properties.read(message) == true else { break }
            if let properties = calls[key]?.properties, properties.answers == 2 {
                finish(token, .success(.state(properties.state(of: unit))))
            }
            return
        }
        finish(token, .failure(.unexpectedAnswer(request.summary)))
    }

    /// What is not there needs no stop and has no failure to forget.
    private static func result(of request: BusRequest, error: (name: String, message: String)) -> BusResult {
        let isMissing = error.name == "org.freedesktop.systemd1.NoSuchUnit"
        switch request {
        case .stop where isMissing, .resetFailed where isMissing: return .success(.done)
        case .state where isMissing: return .success(.state(nil))
        case .kill(let unit, _, _) where isMissing: return .failure(.noSuchUnit(unit))
        default:
            return .failure(.refused(operation: request.summary, name: error.name, message: error.message))
        }
    }

    private static func units(in message: BusMessage) -> [UnitSummary]? {
        var units: [UnitSummary] = []
        let complete = message.forEach(of: "(ssssssouso)") {
            guard message.enter("r", "ssssssouso"), let name = message.string(), message.skip("s"),
                let load = message.string(), let active = message.string(), let sub = message.string(),
                message.skip("souso"), message.exit()
            else { return false }
            units.append(UnitSummary(name: name, loadState: load, activeState: active, subState: sub))
            return true
        }
        return complete ? units : nil
    }

    // MARK: Signals

    private func receive(signal message: BusMessage) {
        switch message.member {
        case "PropertiesChanged": propertiesChanged(message)
        case "JobRemoved": jobRemoved(message)
        case "UnitRemoved":
            guard let unit = message.string() else { return }
            tell(.removed, of: unit)
        case "Reloading":
            // What changed during a reload was not signalled.
            guard let connection else { return }
            for watcher in watchers { request(listing: watcher.prefix, for: watcher.mailbox, on: connection) }
        default: break
        }
    }

    private func tell(_ change: UnitChange, of unit: String) {
        for watcher in watchers where unit.hasPrefix(watcher.prefix) { watcher.mailbox.put(change, of: unit) }
    }

    private func propertiesChanged(_ message: BusMessage) {
        guard let path = message.path, let unit = UnitObjectPath.unit(at: path),
            watchers.contains(where: { unit.hasPrefix($0.prefix) }), message.skip("s")
        else { return }
        var active: String?
        var sub: String?
        _ = message.forEachProperty { name in
            switch name {
            case "ActiveState": active = message.variant("s") { message.string() }
            case "SubState": sub = message.variant("s") { message.string() }
            default: return message.skip("v")
            }
            return true
        }
        if let active, let sub { tell(.state(active: active, sub: sub), of: unit) }
    }

    private func jobRemoved(_ message: BusMessage) {
        guard message.skip("u"), let path = message.string("o"), let unit = message.string(),
            let result = message.string(), let token = jobs.removeValue(forKey: path)
        else { return }
        finish(token, result == "done" ? .success(.done) : .failure(.jobEnded(unit: unit, result: result)))
    }
}
