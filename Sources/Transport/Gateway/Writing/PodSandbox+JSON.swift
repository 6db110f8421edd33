import Domain
import JSON

extension PodSandbox {
    /// `PodSandbox`: the pod as lists show it.
    func writeListItem(_ json: inout JSONText) {
        json.object { json in
            json.member("id", id.rawValue)
            json.member("metadata") { config.metadata.write(&$0) }
            json.member("state", state.jsonName)
            json.member("createdAt", quoted: createdAt.nanoseconds)
            json.member("labels", config.labels)
            json.member("annotations", config.annotations)
            json.member("runtimeHandler", config.runtimeHandler)
        }
    }

    /// `PodSandboxStatus`.
    func writeStatus(_ json: inout JSONText) {
        json.object { json in
            json.member("id", id.rawValue)
            json.member("metadata") { config.metadata.write(&$0) }
            json.member("state", state.jsonName)
            json.member("createdAt", quoted: createdAt.nanoseconds)
            json.member("network") { json in
                json.object { json in
                    json.member("ip", ips.first ?? "")
                    json.member("additionalIps") { json in
                        json.array(ips.dropFirst()) { json, ip in json.object { $0.member("ip", ip) } }
                    }
                }
            }
            json.member("linux") { json in
                json.object { json in
                    json.member("namespaces") { json in
                        json.object { $0.member("options") { namespaces.write(&$0) } }
                    }
                }
            }
            json.member("labels", config.labels)
            json.member("annotations", config.annotations)
            json.member("runtimeHandler", config.runtimeHandler)
        }
    }

    /// What a verbose status adds: one entry, itself JSON, as the CRI has it.
    func writeInfo(_ json: inout JSONText) {
        var info = JSONText()
        info.object { json in
            json.member("sandboxID", id.rawValue)
            json.member("state", state.rawValue)
            json.member("pid", number: pid)
            json.member("unit", unit)
            json.member("cgroup", cgroup)
            json.member("networkNamespace", networkNamespace)
            json.member("networkAttached", networkAttached)
            json.member("hostname", config.hostname)
            json.member("cgroupParent", config.cgroupParent)
            json.member("logDirectory", config.logDirectory)
            json.member("message", message)
        }
        json.object { $0.member("info", String(decoding: info.bytes, as: UTF8.self)) }
    }
}

extension PodSandboxState {
    /// Clients know two states: a pod that is ready, and one that is not.
    var jsonName: String { self == .ready ? "SANDBOX_READY" : "SANDBOX_NOTREADY" }
}

extension PodSandboxMetadata {
    func write(_ json: inout JSONText) {
        json.object { json in
            json.member("name", name)
            json.member("uid", uid)
            json.member("namespace", namespace)
            json.member("attempt", number: attempt)
        }
    }
}

extension NamespaceOptions {
    func write(_ json: inout JSONText) {
        json.object { json in
            json.member("network", network == .pod ? "POD" : "NODE")
            json.member("pid", pid.jsonName)
            json.member("ipc", ipc == .pod ? "POD" : "NODE")
            if case .target(let id) = pid { json.member("targetId", id.rawValue) }
            guard let user else { return }
            json.member("usernsOptions") { json in
                json.object { json in
                    json.member("mode", "POD")
                    json.member("uids") { IDMapping.write(user.uids, &$0) }
                    json.member("gids") { IDMapping.write(user.gids, &$0) }
                }
            }
        }
    }
}

extension NamespaceOptions.PIDMode {
    fileprivate var jsonName: String {
        switch self {
        case .pod: "POD"
        case .container: "CONTAINER"
        case .node: "NODE"
        case .target: "TARGET"
        }
    }
}

extension IDMapping {
    static func write(_ mappings: [IDMapping], _ json: inout JSONText) {
        json.array(mappings) { json, mapping in
            json.object { json in
                json.member("hostId", number: mapping.hostID)
                json.member("containerId", number: mapping.containerID)
                json.member("length", number: mapping.length)
            }
        }
    }
}
