import Domain
import JSON
import Logging
import Synchronization

/// The engine's event lines as events of the domain. Keeps where in the stream it is, so that a broken stream can be taken up again.
final class GantryEventDecoder: Sendable {
    private struct State {
        /// What `at` of the lines so far comes to; nil: there is no place to go on from.
        var position: [String: JSON]?
        /// While a snapshot comes in.
        var snapshot: [PodRecord]?
        /// A pod's removal names the engine's UUID only.
        var pods: [String: PodID] = [:]
    }

    private let state = Mutex(State())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    /// Behind the last event that was passed on, as the engine takes it back; it alone knows what it means. Nil: a snapshot is needed.
    var position: JSON? {
        state.withLock { state in state.snapshot == nil ? state.position.map { .object($0) } : nil }
    }

    /// Before the stream begins anew. `complete`: events were lost, so a snapshot is wanted.
    func restart(complete: Bool) {
        state.withLock { state in
            // What was left of a snapshot is no place to go on from.
            if complete || state.snapshot != nil { state.position = nil }
            state.snapshot = nil
        }
    }

    /// The events of one line, none or one, handed to `yield` before the position moves on.
    func decode(_ line: [UInt8], _ yield: (EngineEvent) throws -> Void) throws {
        if line.isEmpty { return }
        let json = try JSON(parsing: line)
        let fields = try JSONFields(json, path: "event")
        try state.withLock { state in
            let step = try step(json)
            let event = try event(fields, json, &state)
            if let event {
                do {
                    try yield(event)
                } catch {
                    if try fields.string("type") == "snapshot-end" { state.position = nil }
                    throw error
                }
            }
            for (name, value) in step {
                if value.isNull {
                    state.position?.removeValue(forKey: name)
                } else {
                    state.position?[name] = value
                }
            }
        }
    }

    /// What the line adds to the position.
    private func step(_ json: JSON) throws -> [String: JSON] {
        guard let step = json["at"], !step.isNull else { return [:] }
        guard let members = step.objectValue else { throw CodecError(path: "event.at", expected: "an object") }
        return members
    }

    private func event(_ fields: JSONFields, _ json: JSON, _ state: inout State) throws -> EngineEvent? {
        switch try fields.string("type") {
        case "snapshot":
            state.snapshot = []
            state.pods = [:]
            // An engine that says nothing of positions has none.
            state.position = json["at"] == nil ? nil : [:]
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
