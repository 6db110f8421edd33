import Domain
import JSON
import Logging
import Synchronization

/// The engine's event lines as events of the domain. Keeps where in the stream it is, so that a broken stream can be taken up again.
final class GantryEventDecoder: Sendable {
    /// The last event that was passed on.
    struct Position: Equatable, Sendable {
        var boot: String
        var sequence: Int64
    }

    private struct State {
        var boot = ""
        var position: Position?
        /// While a snapshot comes in.
        var snapshot: [PodRecord]?
        /// A pod's removal names the engine's UUID only.
        var pods: [String: PodID] = [:]
    }

    private let state = Mutex(State())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    /// Nil: a snapshot is needed.
    var position: Position? { state.withLock { $0.position } }

    /// Before the stream begins anew. `complete`: events were lost, so a snapshot is wanted.
    func restart(complete: Bool) {
        state.withLock { state in
            state.snapshot = nil
            if complete { state.position = nil }
        }
    }

    /// The events of one line, none or one, handed to `yield` before the position moves on.
    func decode(_ line: [UInt8], _ yield: (EngineEvent) throws -> Void) throws {
        if line.isEmpty { return }
        let json = try JSON(parsing: line)
        let fields = try JSONFields(json, path: "event")
        try state.withLock { state in
            if fields.has("boot") { state.boot = try fields.string("boot") }
            let event = try event(fields, json, &state)
            if let event { try yield(event) }
            // Inside a snapshot there is no place to go on from.
            if state.snapshot == nil, fields.has("seq"), try fields.string("type") != "gap" {
                state.position = Position(boot: state.boot, sequence: try fields.integer("seq"))
            }
        }
    }

    private func event(_ fields: JSONFields, _ json: JSON, _ state: inout State) throws -> EngineEvent? {
        switch try fields.string("type") {
        case "snapshot":
            state.snapshot = []
            state.pods = [:]
            return nil
        case "snapshot-end":
            defer { state.snapshot = nil }
            return state.snapshot.map { .snapshot($0) }
        case "gap":
            state.position = nil
            return nil
        case "pod": return pod(json, &state)
        case "pod-removed":
            return state.pods.removeValue(forKey: try fields.string("name")).map { .podRemoved($0) }
        case "app":
            let pod = state.pods[try fields.string("pod_name")]
            return json["app"].flatMap { GantryRecords.app($0, of: pod, logger: logger) }.map { .container($0) }
        case "app-removed": return ContainerID(try fields.string("name")).map { .containerRemoved($0) }
        case "images": return .images
        // A newer engine may tell of more.
        default: return nil
        }
    }

    private func pod(_ json: JSON, _ state: inout State) -> EngineEvent? {
        guard let document = json["pod"], case .ours(let record) = GantryRecords.podRecord(document, logger: logger)
        else { return nil }
        if let name = document["name"]?.stringValue { state.pods[name] = record.pod.id }
        if state.snapshot != nil {
            state.snapshot?.append(record)
            return nil
        }
        return .pod(record.pod)
    }
}
