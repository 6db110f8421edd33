import ByteText
import GantryCore
import GantryImages
import Glibc
import JSON

/// Writes a checkpoint of a running app.
struct CheckpointApp: Verb, Equatable {
    static let title = "checkpoint"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String
    var app: String
    /// Absolute.
    var archive: String
    /// Nil: the supervisor's own.
    var timeout: DurationArgument?

    func perform() throws(EngineError) {
        let target = try ArchiveFile(archive)
        let uuid = try context.store.resolve(pod)
        let name = try AppName(app)
        try CRIU.require(by: context.store.open(uuid).readConfig().ociRuntime)
        do throws(EngineError) {
            try write(target, uuid, name)
        } catch {
            if error.isWithoutSupervisor { try? thaw(uuid, name) }
            throw error
        }
        try target.publish()
        if context.format == .json { Output.print(["archive": .string(target.path)]) }
    }

    private func write(_ target: ArchiveFile, _ uuid: PodUUID, _ name: AppName) throws(EngineError) {
        // The processes stand still for as long as this connection is open.
        let (connection, directory) = try begin(uuid, name)
        try CheckpointArchive(source(uuid, name, directory)).write(to: target)
        try requireHeld(connection)
        connection.close()
    }

    /// A supervisor that is gone has left the app standing still: on cgroup v1 nothing of it dies before it goes on, and systemd would wait for
    /// its death before it has the pod cleaned up.
    private func thaw(_ uuid: PodUUID, _ name: AppName) throws(EngineError) {
        guard let record = try context.store.open(uuid).readApp(name), !record.cgroup.isEmpty else { return }
        AppFreezer(AppCgroup(layout: try CgroupLayout.current(), path: record.cgroup))?.thaw()
    }

    private func begin(_ uuid: PodUUID, _ name: AppName) throws(EngineError) -> (ControlConnection, String) {
        var request: [String: JSON] = ["op": "app-checkpoint", "name": .string(name.string)]
        if let timeout { request["timeout_ms"] = .integer(timeout.milliseconds) }
        return try ControlClient.negotiating(runDir: context.runDir, uuid: uuid) {
            (connection) throws(EngineError) in
            try connection.send(.object(request))
            let answer = try ControlProtocol.unwrap(connection.receive().body)
            guard let directory = answer["directory"]?.stringValue else {
                throw EngineError(.internal, "pod \(uuid): its supervisor does not say where the checkpoint is")
            }
            return (connection, directory)
        }
    }

    private func source(
        _ uuid: PodUUID, _ name: AppName, _ directory: String
    ) throws(EngineError) -> CheckpointArchive.Source {
        let store = context.store
        let pod = try store.open(uuid)
        guard let record = try pod.readApp(name), let manifest = try pod.readAppManifest(name) else {
            throw EngineError(.notFound, "app \(name): there is none in pod \(uuid)")
        }
        let path = PodPaths(root: "\(context.runDir)/engine/\(uuid)").app(name).spec
        let bytes = try Files.read(path, limit: 16 << 20)
        let spec: JSON
        do throws(JSONError) {
            spec = try JSON(parsing: bytes)
        } catch {
            throw EngineError(.internal, "\(path): is not JSON: \(error)")
        }
        let runtime = try pod.readConfig().ociRuntime
        return CheckpointArchive.Source(
            record: record, manifest: manifest, spec: spec, writableLayer: "\(pod.appPath(name))/upper",
            files: CheckpointDirectory(path: directory),
            runtime: runtime.isEmpty ? "crun" : String(runtime.lastPathComponent))
    }

    /// - Throws: why the processes have not stood still all the time.
    private func requireHeld(_ connection: ControlConnection) throws(EngineError) {
        var polled = pollfd(fd: connection.fileDescriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, 0) > 0 else { return }
        _ = try ControlProtocol.unwrap(connection.receive().body)
        throw EngineError(.internal, "app \(app): the supervisor ended the checkpoint")
    }
}
