import Domain
import JSON

extension Container {
    /// `Container`: the container as lists show it.
    func writeListItem(_ json: inout JSONText) {
        json.object { json in
            json.member("id", id.rawValue)
            json.member("podSandboxId", podID.rawValue)
            json.member("metadata") { config.metadata.write(&$0) }
            json.member("image") { config.image.writeAsAskedFor(&$0) }
            json.member("imageRef", imageID.rawValue)
            json.member("state", state.jsonName)
            json.member("createdAt", quoted: createdAt.nanoseconds)
            json.member("labels", config.labels)
            json.member("annotations", config.annotations)
            json.member("imageId", imageID.rawValue)
        }
    }

    /// `ContainerStatus`.
    func writeStatus(_ json: inout JSONText) {
        json.object { json in
            json.member("id", id.rawValue)
            json.member("metadata") { config.metadata.write(&$0) }
            json.member("state", state.jsonName)
            json.member("createdAt", quoted: createdAt.nanoseconds)
            json.member("startedAt", quoted: startedAt.nanoseconds)
            json.member("finishedAt", quoted: exit?.finishedAt.nanoseconds ?? 0)
            json.member("exitCode", number: exit?.code ?? 0)
            json.member("image") { config.image.writeAsAskedFor(&$0) }
            json.member("imageRef", imageID.rawValue)
            json.member("reason", exit?.reason ?? "")
            json.member("message", exit?.message ?? "")
            json.member("labels", config.labels)
            json.member("annotations", config.annotations)
            json.member("mounts") { json in json.array(mounts) { $1.write(&$0) } }
            json.member("logPath", logPath)
            if let resources {
                json.member("resources") { json in json.object { $0.member("linux") { resources.write(&$0) } } }
            }
            json.member("imageId", imageID.rawValue)
            if let user { json.member("user") { json in json.object { $0.member("linux") { user.write(&$0) } } } }
            json.member("stopSignal", stopSignal.jsonName)
        }
    }

    /// What is told beyond the status, each entry itself JSON, as the CRI has it.
    ///
    /// - Parameters:
    ///   - verbose: `info`, what the CRI's verbose status adds.
    ///   - environment: `envs`, with their values, which are often secrets: nobody gets them who did not ask for them by name.
    func writeInfo(_ json: inout JSONText, verbose: Bool, environment: Bool) {
        json.object { json in
            if verbose { json.member("info", String(decoding: verboseInfo, as: UTF8.self)) }
            if environment { json.member("envs", String(decoding: environmentInfo, as: UTF8.self)) }
        }
    }

    private var environmentInfo: [UInt8] {
        var info = JSONText()
        info.array(config.environment) { json, variable in
            json.object { json in
                json.member("key", variable.name)
                json.member("value", variable.value)
            }
        }
        return info.bytes
    }

    private var verboseInfo: [UInt8] {
        var info = JSONText()
        info.object { json in
            json.member("sandboxID", podID.rawValue)
            json.member("pid", number: pid)
            json.member("state", state.rawValue)
            json.member("cgroup", cgroup)
            json.member("imageID", imageID.rawValue)
            json.member("privileged", config.security.privileged)
            json.member("tty", config.tty)
        }
        return info.bytes
    }
}

extension ContainerState {
    /// A container that is being made or unmade has no state of its own for clients.
    var jsonName: String {
        switch self {
        case .created: "CONTAINER_CREATED"
        case .running: "CONTAINER_RUNNING"
        case .exited: "CONTAINER_EXITED"
        case .creating, .unknown, .removed: "CONTAINER_UNKNOWN"
        }
    }
}

extension ContainerMetadata {
    func write(_ json: inout JSONText) {
        json.object { json in
            json.member("name", name)
            json.member("attempt", number: attempt)
        }
    }
}

extension ContainerUser {
    fileprivate func write(_ json: inout JSONText) {
        json.object { json in
            json.member("uid", quoted: uid)
            json.member("gid", quoted: gid)
            json.member("supplementalGroups") { json in
                json.array(supplementalGroups) { $0.string(String($1)) }
            }
        }
    }
}

extension Mount {
    fileprivate func write(_ json: inout JSONText) {
        json.object { json in
            json.member("containerPath", containerPath)
            json.member("hostPath", hostPath)
            json.member("readonly", readonly)
            json.member("selinuxRelabel", seLinuxRelabel)
            json.member("propagation", Propagation.names.first { $0.value == propagation }?.key ?? "")
            json.member("uidMappings") { IDMapping.write(uidMappings, &$0) }
            json.member("gidMappings") { IDMapping.write(gidMappings, &$0) }
            json.member("recursiveReadOnly", recursiveReadOnly)
            if let image { json.member("image") { image.write(&$0) } }
            json.member("imageSubPath", imageSubPath)
            json.member("mountOptions", options)
        }
    }
}

extension LinuxResources {
    fileprivate func write(_ json: inout JSONText) {
        json.object { json in
            json.member("cpuPeriod", quoted: cpuPeriod)
            json.member("cpuQuota", quoted: cpuQuota)
            json.member("cpuShares", quoted: cpuShares)
            json.member("memoryLimitInBytes", quoted: memoryLimit)
            json.member("oomScoreAdj", quoted: oomScoreAdjust)
            json.member("cpusetCpus", cpusetCPUs)
            json.member("cpusetMems", cpusetMems)
            json.member("hugepageLimits") { json in
                json.array(hugepageLimits) { json, limit in
                    json.object { json in
                        json.member("pageSize", limit.pageSize)
                        json.member("limit", quoted: limit.limit)
                    }
                }
            }
            json.member("unified", unified)
            json.member("memorySwapLimitInBytes", quoted: memorySwapLimit)
        }
    }
}
