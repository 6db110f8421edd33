import CSystemd
import Glibc

/// One connection to the system bus. Belongs to one thread; closed once, when it goes.
final class BusConnection {
    private static let systemd = "org.freedesktop.systemd1"
    private static let manager = "org.freedesktop.systemd1.Manager"
    private let handle: OpaquePointer

    /// - Throws: the error number when there is no bus.
    init() throws(BusFailure) {
        var handle: OpaquePointer?
        let status = sd_bus_open_system_with_description(&handle, "rktlet")
        guard status >= 0, let handle else { throw BusFailure(code: -status) }
        self.handle = handle
    }

    deinit { sd_bus_close_unref(handle) }

    // MARK: The event loop's side

    var descriptor: Int32 { sd_bus_get_fd(handle) }

    /// poll(2) events to wait for.
    var events: Int16 { Int16(truncatingIfNeeded: max(sd_bus_get_events(handle), 0)) }

    /// Microseconds of the monotonic clock at which `process` wants to be called; nil for no such time.
    var wakeTime: UInt64? {
        var time: UInt64 = 0
        guard sd_bus_get_timeout(handle, &time) > 0, time != .max else { return nil }
        return time
    }

    /// Reads and writes what is there; calls `receive` for each message.
    /// - Throws: when the connection is gone.
    func process(_ receive: (BusMessage) -> Void) throws(BusFailure) {
        while true {
            var message: OpaquePointer?
            let status = sd_bus_process(handle, &message)
            guard status >= 0 else { throw BusFailure(code: -status) }
            if let message {
                receive(BusMessage(handle: message))
                sd_bus_message_unref(message)
            }
            if status == 0 { return }
        }
    }

    /// Nobody has methods to call here: answers so, instead of leaving a caller waiting.
    func refuse(_ call: BusMessage) {
        sd_bus_reply_method_errno(call.handle, -ENOSYS, nil)
    }

    // MARK: Sending

    /// Calls a method of systemd's manager; answers the cookie by which the reply is known.
    func callManager(_ method: String, _ fill: (BusMessage) -> Bool = { _ in true }) throws(BusFailure) -> UInt64 {
        try call(Self.systemd, "/org/freedesktop/systemd1", Self.manager, method, fill)
    }

    /// `org.freedesktop.DBus.Properties.GetAll` of a unit's interface.
    func getAll(_ interface: String, ofUnit unit: String) throws(BusFailure) -> UInt64 {
        guard let path = UnitObjectPath.path(of: unit) else { throw BusFailure(code: EINVAL) }
        return try call(Self.systemd, path, "org.freedesktop.DBus.Properties", "GetAll") { $0.append(interface) }
    }

    func addMatch(_ rule: String) throws(BusFailure) -> UInt64 {
        try call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch") {
            $0.append(rule)
        }
    }

    func removeMatch(_ rule: String) throws(BusFailure) -> UInt64 {
        try call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RemoveMatch") {
            $0.append(rule)
        }
    }

    private func call(
        _ destination: String, _ path: String, _ interface: String, _ method: String, _ fill: (BusMessage) -> Bool
    ) throws(BusFailure) -> UInt64 {
        var message: OpaquePointer?
        let status = sd_bus_message_new_method_call(handle, &message, destination, path, interface, method)
        guard status >= 0, let message else { throw BusFailure(code: -status) }
        defer { sd_bus_message_unref(message) }
        guard fill(BusMessage(handle: message)) else { throw BusFailure(code: EINVAL) }
        var cookie: UInt64 = 0
        let sent = sd_bus_send(handle, message, &cookie)
        guard sent >= 0 else { throw BusFailure(code: -sent) }
        return cookie
    }
}

/// The bus library refused, with the error number.
struct BusFailure: Error {
    let code: Int32
}
