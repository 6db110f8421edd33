import Glibc

/// What goes out.
extension BusLoop {
    func send(_ call: BusCall) {
        guard let connection else { return }
        do throws(BusFailure) {
            for cookie in try Self.send(call.request, on: connection) { routes[cookie] = .call(call.token) }
            calls[ObjectIdentifier(call.token)]?.sent = true
        } catch {
            let text = String(cString: strerror(error.code))
            finish(
                call.token,
                .failure(.refused(operation: call.request.summary, name: "errno \(error.code)", message: text)))
        }
    }

    /// Answers the cookies of the replies to come.
    private static func send(_ request: BusRequest, on connection: BusConnection) throws(BusFailure) -> [UInt64] {
        switch request {
        case .stop(let unit):
            [try connection.callManager("StopUnit") { $0.append(unit) && $0.append("replace") }]
        case .kill(let unit, let whom, let signal):
            [try connection.callManager("KillUnit") { $0.append(unit) && $0.append(whom) && $0.append(signal) }]
        case .set(let unit, let properties):
            [
                try connection.callManager("SetUnitProperties") {
                    $0.append(unit) && $0.append(true) && $0.append(properties)
                }
            ]
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

    func request(listing prefix: String, for mailbox: UnitChangeMailbox, on connection: BusConnection) {
        guard let cookie = try? Self.list(prefix, on: connection) else { return }
        routes[cookie] = .listing(mailbox)
    }
}
