import Domain
import JSON
import Logging

/// The engine's records as values of the domain. Pods and apps that the daemon did not make are passed over.
enum GantryRecords {
    enum Pod {
        case ours(PodRecord)
        /// The daemon did not make it, or the engine lost what it was told of it.
        case foreign
        /// Told in the log.
        case unreadable(String)
    }

    static func podRecord(_ json: JSON, logger: Logger) -> Pod {
        do throws(CodecError) {
            let fields = try JSONFields(json, path: "pod record")
            guard let pod = try pod(fields) else { return .foreign }
            let apps = try fields.array("apps") ?? []
            return .ours(
                PodRecord(
                    pod: pod, containers: apps.compactMap { app($0, of: pod.id, logger: logger) },
                    isHalfMade: json["half_made"]?.boolValue ?? false))
        } catch {
            let name = json["name"]?.stringValue ?? "?"
            logger.warning("a pod's record cannot be read", metadata: ["uuid": "\(name)", "cause": "\(error)"])
            return .unreadable("\(error)")
        }
    }

    /// An app as a container; one whose record cannot be read is unknown, with what is known of it, and told in the log. Nil for one that
    /// is not the daemon's.
    ///
    /// - Parameter pod: nil where the record does not say; then an app without a readable annotation is passed over.
    static func app(_ json: JSON, of pod: PodID?, logger: Logger) -> Container? {
        do throws(CodecError) {
            return try container(try JSONFields(json, path: "app record"))
        } catch {
            let name = json["name"]?.stringValue ?? ""
            logger.warning("an app's record cannot be read", metadata: ["app": "\(name)", "cause": "\(error)"])
            if let text = json["annotations"]?[ContainerAnnotation.key]?.stringValue,
                let annotation = try? ContainerAnnotation(text: text)
            {
                return Container(
                    id: annotation.id, podID: annotation.podID, config: annotation.config,
                    imageID: annotation.imageID,
                    mountImages: annotation.mountImages, logPath: annotation.logPath, state: .unknown,
                    createdAt: annotation.createdAt)
            }
            guard let pod, let id = ContainerID(name) else { return nil }
            let image = json["image_id"]?.stringValue ?? ""
            // Its name among the pod's containers is lost; its id is one that nobody else has.
            let config = ContainerConfig(
                metadata: ContainerMetadata(name: name, attempt: 0), image: ImageSpec(image: image))
            return Container(
                id: id, podID: pod, config: config, imageID: ImageID(image), logPath: "", state: .unknown,
                createdAt: Timestamp(nanoseconds: json["created_at"]?.int64Value ?? 1))
        }
    }

    static func pod(_ fields: JSONFields) throws(CodecError) -> PodSandbox? {
        guard let text = try fields.stringMap("annotations")[PodAnnotation.key] else { return nil }
        let annotation: PodAnnotation
        do { annotation = try PodAnnotation(text: text) } catch {
            throw (error as? CodecError) ?? CodecError(path: PodAnnotation.key, expected: "JSON (\(error))")
        }
        let network = try fields.object("network") { (nested) throws(CodecError) in
            (mode: try nested.string("mode"), state: try nested.string("state"), error: try nested.string("error"))
        }
        let attached = network.map { $0.mode == "cni" && ($0.state == "attached" || $0.state == "failed") } ?? false
        let failure = try fields.string("error")
        // Older supervisors listed those of the host's interfaces.
        let ips = annotation.config.namespaces.network == .node ? [] : try fields.strings("ips")
        return PodSandbox(
            id: annotation.id, config: annotation.config, state: try state(fields),
            createdAt: annotation.createdAt, ips: ips, networkAttached: attached,
            unit: try fields.string("unit"), networkNamespace: try fields.string("netns"),
            cgroup: try fields.string("cgroup"), pid: try fields.integer("pid"),
            message: failure.isEmpty ? network?.error ?? "" : failure)
    }

    private static func state(_ fields: JSONFields) throws(CodecError) -> PodSandboxState {
        switch try fields.string("state") {
        case "preparing": .creating
        case "running": .ready
        case "deleting", "exited": .notReady
        default: throw CodecError(path: "\(fields.path).state", expected: "a known word")
        }
    }

    static func container(_ fields: JSONFields) throws(CodecError) -> Container? {
        guard let text = try fields.stringMap("annotations")[ContainerAnnotation.key] else { return nil }
        let annotation: ContainerAnnotation
        do { annotation = try ContainerAnnotation(text: text) } catch {
            throw (error as? CodecError) ?? CodecError(path: ContainerAnnotation.key, expected: "JSON (\(error))")
        }
        let user = try fields.object("user") { (nested) throws(CodecError) in
            ContainerUser(
                uid: try nested.integer("uid"), gid: try nested.integer("gid"),
                supplementalGroups: try nested.list("supplemental_groups", of: "whole numbers", \.int64Value))
        }
        let state = try containerState(fields)
        let limits = try fields.object("resources") { (nested) throws(CodecError) in
            try LinuxResources(fields: nested)
        }
        return Container(
            id: annotation.id, podID: annotation.podID, config: annotation.config, imageID: annotation.imageID,
            mountImages: annotation.mountImages,
            logPath: annotation.logPath, state: state, createdAt: annotation.createdAt,
            startedAt: Timestamp(nanoseconds: try fields.integer("started_at")),
            exit: state == .exited ? try exit(fields) : nil, pid: try fields.integer("pid"), user: user,
            stopSignal: Signal(name: try fields.string("stop_signal")) ?? .term, cgroup: try fields.string("cgroup"),
            resources: limits, resourcesGeneration: try fields.integer("resources_generation"),
            writableLayer: try fields.string("writable_layer"))
    }

    private static func containerState(_ fields: JSONFields) throws(CodecError) -> ContainerState {
        switch try fields.string("state") {
        case "created": .created
        case "running": .running
        case "exited": .exited
        case "unknown": .unknown
        default: throw CodecError(path: "\(fields.path).state", expected: "a known word")
        }
    }

    /// An exit without a code is an error of the engine: 0 would be a lie.
    private static func exit(_ fields: JSONFields) throws(CodecError) -> ContainerExit {
        guard let code = try fields.optionalInteger("exit_code", as: Int32.self) else {
            throw CodecError(path: "\(fields.path).exit_code", expected: "there, though the app has exited")
        }
        return ContainerExit(
            finishedAt: Timestamp(nanoseconds: try fields.integer("finished_at")), code: code,
            reason: try fields.string("reason"), message: try fields.string("message"))
    }
}
