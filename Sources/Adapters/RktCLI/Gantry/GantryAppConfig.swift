import ByteText
import Domain
import JSON

/// A container's request in the engine's words (`app add --config`).
enum GantryAppConfig {
    /// What people call it, in the journal of the pod's unit.
    private static let titleKey = "gantry.title"

    static func json(_ request: NewContainer) throws(DomainError) -> JSON {
        let config = request.config
        var document = JSONMembers()
        document.set("version", 1)
        document.set("command", config.command)
        document.set("args", config.args)
        document.set("workingDir", config.workingDirectory)
        document.set("env", config.environment.map { ["name": .string($0.name), "value": .string($0.value)] })
        document.set("tty", config.tty)
        document.set("stdin", config.stdin)
        document.set("stdinOnce", config.stdinOnce)
        var mounts: [JSON] = []
        for (index, mount) in config.mounts.enumerated() {
            mounts.append(try self.mount(mount, index: index, images: request.mountImages))
        }
        document.set("mounts", mounts)
        document.set("devices", config.devices.map(\.json))
        document.set("cdiDevices", config.cdiDevices)
        document.set("resources", config.resources?.json)
        document.set("stopSignal", config.stopSignal?.description ?? "")
        document.set("logPath", request.logPath)
        document.set(
            "annotations",
            [ContainerAnnotation.key: ContainerAnnotation(request).text, titleKey: config.metadata.name])
        document.set("userLabels", config.labels)
        security(config.security, into: &document)
        return document.json
    }

    private static func mount(
        _ mount: Mount, index: Int, images: [ByteString: ImageID]
    ) throws(DomainError) -> JSON {
        var document = JSONMembers()
        document.set("containerPath", mount.containerPath)
        document.set("hostPath", mount.hostPath)
        document.set("readonly", mount.readonly)
        document.set("recursiveReadOnly", mount.recursiveReadOnly)
        document.set("propagation", propagation(mount.propagation))
        document.set("selinuxRelabel", mount.seLinuxRelabel)
        if let image = mount.image {
            guard let id = images[text: image.image] else {
                throw DomainError(
                    .notFound, "config.mounts[\(index)].image: no image \"\(image.image)\" here: pull it first")
            }
            document.set("image", id.rawValue)
            document.set("imageSubPath", mount.imageSubPath)
        }
        document.set("options", mount.options)
        document.set("uidMappings", mount.uidMappings.map(\.json))
        document.set("gidMappings", mount.gidMappings.map(\.json))
        return document.json
    }

    private static func propagation(_ propagation: Mount.Propagation) -> String {
        switch propagation {
        case .private: "private"
        case .hostToContainer: "host-to-container"
        case .bidirectional: "bidirectional"
        }
    }

    private static func security(_ security: ContainerSecurity, into document: inout JSONMembers) {
        document.set("user", user(security))
        let capabilities = security.capabilities.json
        if !capabilities.isEmpty { document.set("capabilities", capabilities.json) }
        document.set("privileged", security.privileged)
        document.set("readonlyRootfs", security.readonlyRootfs)
        document.set("noNewPrivileges", security.noNewPrivileges)
        document.set("seccomp", profile(security.seccomp, nameKey: "path"))
        document.set("apparmor", security.appArmor.map { profile($0, nameKey: "profile") })
        document.set("selinux", security.seLinux?.json)
        document.set("maskedPaths", security.maskedPaths.map { .array($0.map { .string($0) }) })
        document.set("readonlyPaths", security.readonlyPaths.map { .array($0.map { .string($0) }) })
        document.set("namespaces", namespaces(security.namespaces))
    }

    private static func user(_ security: ContainerSecurity) -> JSON {
        var document = JSONMembers()
        document.set("uid", security.runAsUser.map { .integer($0) })
        document.set("username", security.runAsUsername)
        document.set("gid", security.runAsGroup.map { .integer($0) })
        document.set("supplementalGroups", security.supplementalGroups.map { .integer($0) })
        document.set("groupsPolicy", security.supplementalGroupsPolicy.rawValue)
        return document.json
    }

    private static func profile(_ profile: SecurityProfile, nameKey: String) -> JSON {
        switch profile {
        case .runtimeDefault: ["type": "runtime-default"]
        case .unconfined: ["type": "unconfined"]
        case .localhost(let name): ["type": "localhost", nameKey: .string(name)]
        }
    }

    private static func namespaces(_ options: NamespaceOptions) -> JSON {
        switch options.pid {
        case .pod: ["pid": "pod"]
        case .container: ["pid": "container"]
        case .node: ["pid": "host"]
        case .target(let id): ["pid": "target", "target": .string(id.rawValue)]
        }
    }
}
