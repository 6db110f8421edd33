import ByteText
import JSON

/// The state of an app. It moves one way: created → running → exited; unknown leads to exited alone.
package enum AppState: String, Sendable, CaseIterable {
    case created, running, exited, unknown
}

/// What is known of an app: the *App record* of `docs/engine.md`, and what `apps/<name>/state.json` holds, so that a
/// listing reads one file per app.
package struct AppRecord: Equatable, Sendable {
    package struct User: Equatable, Sendable {
        package var uid: Int64 = 0
        package var gid: Int64 = 0
        package var supplementalGroups: [Int64] = []

        package init(uid: Int64 = 0, gid: Int64 = 0, supplementalGroups: [Int64] = []) {
            self.uid = uid
            self.gid = gid
            self.supplementalGroups = supplementalGroups
        }
    }

    package let name: AppName
    package private(set) var state: AppState
    /// Nanoseconds since the epoch, as all times.
    package let createdAt: Int64
    package private(set) var startedAt: Int64?
    package private(set) var finishedAt: Int64?
    /// There once the app has exited, with `reason`.
    package private(set) var exitCode: Int32?
    package private(set) var reason = ""
    package private(set) var message = ""
    package var imageID = ""
    package var imageName = ""
    /// Of the main process, in the supervisor's PID namespace; nil while there is none.
    package var pid: Int32?
    package var cgroup = ""
    /// The directory that holds what it writes.
    package var writableLayer = ""
    package var logPath = ""
    package var stopSignal: Signal = .term
    /// Nil: the pod's.
    package var stopTimeoutSeconds: Int64?
    package var user = User()
    /// What it may use: as it was made with, and changed since.
    package private(set) var resources = AppResources()
    /// Counts the changes; of two records the one with more of them is the newer.
    package private(set) var resourcesGeneration: Int64 = 0
    package var annotations: [String: String] = [:]
    package var userAnnotations: [String: String] = [:]
    package var userLabels: [String: String] = [:]

    /// A new app: state created.
    package init(name: AppName, createdAt: Int64) {
        self.name = name
        self.createdAt = createdAt
        state = .created
    }

    /// An app of which nobody knows how far it got.
    init(unreadable name: AppName, createdAt: Int64, because message: String) {
        self.name = name
        self.createdAt = createdAt
        self.message = message
        state = .unknown
    }

    /// Takes over what was resolved when the app was added.
    mutating func describe(_ manifest: AppManifest) {
        imageID = manifest.image.id
        imageName = manifest.image.name
        logPath = manifest.config.logPath
        stopTimeoutSeconds = manifest.config.stopTimeoutSeconds
        resources = manifest.config.resources
        annotations = manifest.config.annotations
        userAnnotations = manifest.config.userAnnotations
        userLabels = manifest.config.userLabels
    }

    /// created → running.
    package mutating func start(at time: Int64, pid: Int32) throws(EngineError) {
        guard state == .created else {
            throw EngineError(.precondition, "app \(name): cannot be started: it is \(state.rawValue), not created")
        }
        state = .running
        startedAt = time
        self.pid = pid
    }

    /// Its limits were changed, or a change was taken back.
    mutating func change(_ resources: AppResources) {
        self.resources = resources
        resourcesGeneration = resourcesGeneration.addingSaturating(1)
    }

    /// Any state but exited → exited. `code` is 128+n for a signal. The exit is written once: a second one is refused.
    package mutating func exit(
        at time: Int64, code: Int32, reason: String, message: String = ""
    ) throws(EngineError) {
        guard state != .exited else {
            throw EngineError(.precondition, "app \(name): its exit is recorded already (code \(exitCode ?? -1))")
        }
        state = .exited
        finishedAt = time
        exitCode = code
        self.reason = reason
        self.message = message
        pid = nil
    }

    /// What can be said of an app whose supervisor is gone: exited stays, anything else is unknown until a clean-up has
    /// written the exit.
    package func withoutSupervisor() -> AppRecord {
        guard state != .exited else { return self }
        var record = self
        record.state = .unknown
        record.pid = nil
        return record
    }
}

extension AppRecord {
    package var json: JSON {
        var document: [String: JSON] = [
            "name": .string(name.string), "state": .string(state.rawValue), "created_at": .integer(createdAt),
            "image_id": .string(imageID), "image_name": .string(imageName), "cgroup": .string(cgroup),
            "log_path": .string(logPath), "stop_signal": .string(stopSignal.name),
            "user": .object([
                "uid": .integer(user.uid), "gid": .integer(user.gid),
                "supplemental_groups": .array(user.supplementalGroups.map { .integer($0) }),
            ]),
            "annotations": .stringMap(annotations), "user_annotations": .stringMap(userAnnotations),
            "user_labels": .stringMap(userLabels),
        ]
        let limits = resources.json.without(Self.noResources)
        if limits != .object([:]) || resourcesGeneration > 0 { document["resources"] = limits }
        if resourcesGeneration > 0 { document["resources_generation"] = .integer(resourcesGeneration) }
        if !writableLayer.isEmpty { document["writable_layer"] = .string(writableLayer) }
        if let startedAt { document["started_at"] = .integer(startedAt) }
        if let finishedAt { document["finished_at"] = .integer(finishedAt) }
        if let pid { document["pid"] = .integer(Int64(pid)) }
        if let stopTimeoutSeconds { document["stop_timeout_seconds"] = .integer(stopTimeoutSeconds) }
        if let exitCode {
            document["exit_code"] = .integer(Int64(exitCode))
            document["reason"] = .string(reason)
        }
        if exitCode != nil || !message.isEmpty { document["message"] = .string(message) }
        return .object(document)
    }

    private static let noResources = AppResources().json

    /// Reads a record; keys that this engine does not know are passed over.
    package init(json: JSON) throws(EngineError) {
        var reader = try ObjectReader(json, path: "app record")
        name = try AppName(reader.string("name"))
        state = try reader.choice("state", default: .unknown)
        createdAt = try reader.integer("created_at")
        startedAt = try reader.optionalInteger("started_at")
        finishedAt = try reader.optionalInteger("finished_at")
        if let code = try reader.optionalInteger("exit_code", in: 0...255) { exitCode = Int32(code) }
        guard (state == .exited) == (exitCode != nil) else {
            throw reader.invalid("exit_code", "is there when, and only when, the state is exited")
        }
        reason = try reader.string("reason")
        message = try reader.string("message")
        imageID = try reader.string("image_id")
        imageName = try reader.string("image_name")
        if let number = try reader.optionalInteger("pid", in: 1...Int64(Int32.max)) { pid = Int32(number) }
        cgroup = try reader.string("cgroup")
        writableLayer = try reader.string("writable_layer")
        logPath = try reader.string("log_path")
        if let text = try reader.optionalString("stop_signal") { stopSignal = try Signal(parsing: text) }
        stopTimeoutSeconds = try reader.optionalInteger("stop_timeout_seconds")
        user = try reader.object("user") { (nested) throws(EngineError) in try User(&nested) } ?? User()
        resources =
            try reader.object("resources") { (nested) throws(EngineError) in try AppResources(record: &nested) }
            ?? AppResources()
        resourcesGeneration = try reader.integer("resources_generation")
        annotations = try reader.stringMap("annotations")
        userAnnotations = try reader.stringMap("user_annotations")
        userLabels = try reader.stringMap("user_labels")
    }
}

extension AppRecord.User {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        uid = try reader.integer("uid")
        gid = try reader.integer("gid")
        for item in try reader.items("supplemental_groups") {
            guard let group = item.int64Value else {
                throw reader.invalid("supplemental_groups", "must hold group ids")
            }
            supplementalGroups.append(group)
        }
    }
}

extension AppRecord {
    /// About how many bytes of it somebody else decides about; not counted further than it takes to know that they are many.
    var weight: Int { Self.weight([annotations, userAnnotations, userLabels, resources.unified]) }

    static func weight(_ maps: [[String: String]]) -> Int {
        var sum = 0
        for map in maps {
            for (key, value) in map {
                sum += 16 + key.utf8.count + value.utf8.count
                if sum > LoopMeter.Bound.document { return sum }
            }
        }
        return sum
    }
}
