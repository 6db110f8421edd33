import GantryCore
import Glibc
import JSON

/// Joins the streams of an app's own process.
struct AttachToApp: Verb, Equatable {
    static let title = "attach"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String
    var app: String
    var stdin = false
    var stdout = false
    var stderr = false
    var tty = false
    /// Where the streams are handed to; nil: they are this process's own.
    var socket: Int32?

    func perform() throws(EngineError) {
        let socket = try self.socket.map { (raw) throws(EngineError) in try HandoverSocket(raw) }
        let uuid = try context.store.resolve(pod)
        let request: JSON = [
            "op": "app-attach", "name": .string(try AppName(app).string), "stdin": .bool(stdin),
            "stdout": .bool(stdout),
            "stderr": .bool(stderr), "tty": .bool(tty),
        ]
        try ControlClient.negotiating(runDir: context.runDir, uuid: uuid, version: ControlProtocol.sessions) {
            (connection) throws(EngineError) in
            try connection.send(request)
            let started = try connection.started()
            let names = (started.body["descriptors"]?.arrayValue ?? []).compactMap(\.stringValue)
            guard names.count == started.descriptors.count else {
                throw EngineError(.internal, "pod \(uuid): its supervisor sent other streams than it named")
            }
            guard let socket else {
                return try AttachRelay(Dictionary(zip(names, started.descriptors)) { one, _ in one }).run(connection)
            }
            try socket.send(
                ["descriptors": .array((["control"] + names).map(JSON.string))],
                [connection.fileDescriptor] + started.descriptors.map(\.raw))
            withExtendedLifetime(started) {}
        }
    }
}
