import ByteText
import Domain

/// Kernel parameters of a pod: those, and only those, that belong to a namespace of the pod.
package enum Sysctls {
    private static let ofIPC: Set<ByteString> = [
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
        "kernel.shmmni", "kernel.shm_rmid_forced",
    ]

    /// - Throws: `invalidArgument` for a name that is malformed, that has no namespace, or whose namespace is the host's.
    package static func parse(
        _ wire: [String: String], namespaces: NamespaceOptions, at path: FieldPath
    ) throws(DomainError) -> [String: String] {
        for (name, value) in wire.sorted(by: { $0.key.precedes($1.key) }) {
            let path = path.key(name)
            try check(name: name, at: path)
            _ = try path.line(value)
            try check(namespaceOf: name, namespaces, at: path)
        }
        return wire
    }

    private static func check(name: String, at path: FieldPath) throws(DomainError) {
        try path.atMost(FieldPath.longestName, name)
        let parts = name.pieces(at: ".").flatMap { $0.pieces(at: "/") }
        let isName = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { $0.isASCIIAlphanumeric || "-_".utf8.contains($0) }
        }
        guard isName, parts.count > 1 else { throw path.invalid("is not the name of a sysctl") }
    }

    private static func check(
        namespaceOf name: String, _ namespaces: NamespaceOptions, at path: FieldPath
    ) throws(DomainError) {
        // The first separator says which one is used; after a slash, a dot is part of an interface's name.
        let name = name.upTo("/").has(".") ? name : name.swappingDotsAndSlashes
        if name.begins(with: "net.") {
            guard namespaces.network == .pod else {
                throw path.invalid("would change the host: the pod is in the host's network namespace")
            }
        } else if ofIPC.contains(name) || name.begins(with: "fs.mqueue.") {
            guard namespaces.ipc == .pod else {
                throw path.invalid("would change the host: the pod is in the host's IPC namespace")
            }
        } else {
            throw path.invalid("would change the host: it does not belong to a namespace of the pod")
        }
    }
}

extension String {
    fileprivate var swappingDotsAndSlashes: String {
        let (dot, slash) = (UInt8(ascii: "."), UInt8(ascii: "/"))
        return String(decoding: utf8.map { $0 == slash ? dot : ($0 == dot ? slash : $0) }, as: UTF8.self)
    }
}
