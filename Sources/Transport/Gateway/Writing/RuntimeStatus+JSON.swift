import Domain
import JSON

extension RuntimeStatusReport {
    /// `StatusResponse`.
    func write(_ json: inout JSONText, verbose: Bool) {
        json.object { json in
            json.member("status") { json in
                json.object { json in
                    json.member("conditions") { json in json.array(conditions + advisories) { $1.write(&$0) } }
                }
            }
            json.member("info") { json in
                json.object { json in
                    if verbose { json.member("info", JSON.object(details.mapValues { .string($0) }).serialized()) }
                }
            }
            json.member("runtimeHandlers") { json in json.array(handlers) { $1.write(&$0) } }
            json.member("features") { json in
                json.object { json in
                    json.member("supplementalGroupsPolicy", supplementalGroupsPolicy)
                    // A pod on the host's network with a user namespace is refused when it is asked for.
                    json.member("userNamespacesHostNetwork", false)
                    json.member("mountOptions", mountOptions)
                }
            }
        }
    }
}

extension RuntimeCondition {
    func write(_ json: inout JSONText) {
        json.object { json in
            json.member("type", type)
            json.member("status", status)
            json.member("reason", reason)
            json.member("message", message)
        }
    }
}

extension RuntimeHandler {
    fileprivate func write(_ json: inout JSONText) {
        json.object { json in
            json.member("name", name)
            json.member("features") { json in
                json.object { json in
                    json.member("recursiveReadOnlyMounts", recursiveReadOnlyMounts)
                    json.member("userNamespaces", userNamespaces)
                }
            }
        }
    }
}

extension RuntimeVersion {
    /// `VersionResponse`.
    func write(_ json: inout JSONText) {
        json.object { json in
            json.member("version", version)
            json.member("runtimeName", runtimeName)
            json.member("runtimeVersion", runtimeVersion)
            json.member("runtimeApiVersion", runtimeAPIVersion)
        }
    }
}
