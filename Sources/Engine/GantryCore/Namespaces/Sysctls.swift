import ByteText

/// The kernel parameters of a pod: those that belong to a namespace of the pod, and no other.
package enum Sysctls {
    /// Paths below /proc/sys with their values, in the order of the keys.
    /// - Throws: `invalid`, naming the key, for one that is not namespaced or whose namespace is the host's.
    package static func resolve(
        _ values: [String: String], ownNetwork: Bool, ownIPC: Bool
    ) throws(EngineError) -> [(path: String, value: String)] {
        var resolved: [(path: String, value: String)] = []
        for (key, value) in values.sorted(by: { $0.key.precedes($1.key) }) {
            let parts = try components(key)
            try check(key, parts, ownNetwork: ownNetwork, ownIPC: ownIPC)
            resolved.append(("/proc/sys/" + parts.joined(separator: "/"), value))
        }
        return resolved
    }

    // As sysctl(8): the first separator decides; `net/ipv4/conf/eth0.1/forwarding` has a dot in a name.
    private static func components(_ key: String) throws(EngineError) -> [String] {
        let isDotted = key.upTo("/").has(".")
        let parts = key.pieces(at: isDotted ? "." : "/").map {
            isDotted ? $0.replacingByte("/", with: ".") : String($0)
        }
        guard parts.count > 1, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) })
        else {
            throw EngineError(.invalid, "sysctl \"\(key)\": is not the name of a kernel parameter")
        }
        return parts
    }

    private static func check(
        _ key: String, _ parts: [String], ownNetwork: Bool, ownIPC: Bool
    ) throws(EngineError) {
        if parts[0] == "net" {
            guard ownNetwork else {
                throw EngineError(
                    .invalid, "sysctl \"\(key)\": the pod uses the host's network, whose parameters are not the pod's")
            }
            return
        }
        let isIPC =
            parts[0] == "kernel"
            && (ipcNames.contains(parts[1]) || parts[1].begins(with: "shm") || parts[1].begins(with: "msg"))
            || parts.starts(with: ["fs", "mqueue"])
        guard isIPC else {
            throw EngineError(
                .invalid,
                "sysctl \"\(key)\": is the whole host's; a pod may set net.*, kernel.shm*, kernel.msg*, kernel.sem and fs.mqueue.*"
            )
        }
        guard ownIPC else {
            throw EngineError(
                .invalid, "sysctl \"\(key)\": the pod uses the host's IPC namespace, whose parameters are not the pod's"
            )
        }
    }

    private static let ipcNames: Set<String> = ["sem", "sem_next_id", "auto_msgmni"]
}
