import ByteText
import GantryCore
import Glibc
import JSON

/// Makes a pod and becomes its supervisor.
struct LaunchSandbox: Verb, Equatable {
    static let title = "sandbox"
    static let failureCode: Int32 = 1
    static let keepsOOMScore = true

    var context: EngineContext
    /// nil: the configuration's, or a random one.
    var uuid: String?
    var uuidFileSave: String?
    /// A file, or - for standard input.
    var config: String?
    /// nil: the configuration's.
    var ociRuntime: String?
    var flags = RktPodFlags()

    func perform() throws(EngineError) {
        var config = if let config { try PodConfig(json: ConfigInput.read(config)) } else { PodConfig() }
        try flags.apply(to: &config)
        if let ociRuntime {
            guard ociRuntime.begins(with: "/") else {
                throw EngineError(.invalid, "--oci-runtime: \"\(ociRuntime)\" is not an absolute path")
            }
            config.ociRuntime = ociRuntime
        }
        let isNamed = self.uuid != nil || config.uuid != nil
        let uuid = try chosenUUID(config)
        config.uuid = uuid

        context.store.keptFailures.forget(uuid)
        do throws(EngineError) {
            try launch(uuid, config, isNamed: isNamed)
        } catch {
            if isNamed, error.code != .exists { context.store.keepFailure(error, of: uuid) }
            throw error
        }
    }

    private func launch(_ uuid: PodUUID, _ config: PodConfig, isNamed: Bool) throws(EngineError) {
        let store = context.store
        let pod = try store.prepare(uuid)
        // Whoever finds the pod finds out whose it is, wherever its start is cut short. The supervisor makes all of it durable.
        var record = PodRecord(uuid: uuid, createdAt: Clock.now(), bootID: try store.bootID())
        record.describe(config)
        try pod.writeConfig(config, durability: .atomic)
        try pod.writeRecord(record, durability: .atomic)
        try store.publish(pod)
        do throws(EngineError) {
            let supervisor = try SupervisorProgram.find()
            if let uuidFileSave { try Files.write(uuidFileSave, uuid.string, creating: 0o644) }
            try become(supervisor, pod)
        } catch {
            if isNamed { try fail(pod, record, error) }
            _ = try? store.discard(uuid)
            throw error
        }
    }

    /// Nothing but the directory is there yet. Of a pod that its caller has named it stays, since the record is all that tells why to those who
    /// do not see this process.
    private func fail(_ pod: PodDirectory, _ record: PodRecord, _ error: EngineError) throws(EngineError) {
        do throws(EngineError) {
            var record = record
            (record.error, record.errorCode, record.finishedAt) = (error.message, error.code.rawValue, Clock.now())
            try record.advance(to: .exited)
            try pod.writeError(error, at: Clock.now())
            try pod.writeRecord(record)
            try PodEventLog(pod.uuid, runDir: context.runDir).append(.pod(record))
        } catch {
            _ = try? context.store.discard(pod.uuid)
        }
        throw error
    }

    private func chosenUUID(_ config: PodConfig) throws(EngineError) -> PodUUID {
        guard let uuid else { return config.uuid ?? .random() }
        guard let chosen = PodUUID(uuid) else {
            throw EngineError(.invalid, "--uuid=\(uuid): is not a UUID in lower-case letters")
        }
        return chosen
    }

    /// Never returns but with an error. The lock goes along, so that nobody ever sees the pod without an owner.
    private func become(_ program: String, _ pod: PodDirectory) throws(EngineError) {
        guard let lock = try pod.lockForHandover() else {
            throw EngineError(.internal, "pod \(pod.uuid): its lock was not taken")
        }
        let arguments = [
            program, "--dir=\(context.dir)", "--run-dir=\(context.runDir)", "--uuid=\(pod.uuid)", "--lock-fd=\(lock)",
        ]
        signal(SIGPIPE, SIG_DFL)
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        pointers.append(nil)
        execv(program, pointers)
        let cause = errno
        for pointer in pointers { free(pointer) }
        throw .posix("becoming the supervisor \(program)", cause)
    }
}
