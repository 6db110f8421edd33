/// What a pod is asked to be (CRI `PodSandboxConfig`), parsed and valid. Equal configs are the same request.
package struct PodSandboxConfig: Hashable, Sendable {
    package var metadata: PodSandboxMetadata
    /// At most 63 bytes; empty with the host's network.
    package var hostname: String = ""
    /// Absolute, or empty: containers of this pod log nowhere.
    package var logDirectory: String = ""
    package var dns: DNSConfig = DNSConfig()
    package var portMappings: [PortMapping] = []
    package var labels: [String: String] = [:]
    package var annotations: [String: String] = [:]
    /// As the kubelet gave it; empty: the daemon's own slice.
    package var cgroupParent: String = ""
    package var namespaces: NamespaceOptions = NamespaceOptions()
    package var sysctls: [String: String] = [:]
    package var overhead: LinuxResources? = nil
    package var resources: LinuxResources? = nil
    /// The pod may hold privileged containers.
    package var privileged: Bool = false
    package var seLinux: SELinuxOptions? = nil
    /// Empty: the default handler.
    package var runtimeHandler: String = ""

    package init(metadata: PodSandboxMetadata) { self.metadata = metadata }
}

/// The identity of a pod for its clients; two live pods never share it.
package struct PodSandboxMetadata: Hashable, Sendable, CustomStringConvertible {
    package var name: String
    package var uid: String
    package var namespace: String
    package var attempt: UInt32

    package init(name: String, uid: String, namespace: String, attempt: UInt32) {
        self.name = name
        self.uid = uid
        self.namespace = namespace
        self.attempt = attempt
    }

    package var description: String { "\(namespace)/\(name) (uid \(uid), attempt \(attempt))" }
}

/// resolver(5) settings; all empty means the host's resolv.conf.
package struct DNSConfig: Hashable, Sendable {
    package var servers: [String] = []
    package var searches: [String] = []
    package var options: [String] = []
    package init() {}
    package var isEmpty: Bool { servers.isEmpty && searches.isEmpty && options.isEmpty }
}

package struct PortMapping: Hashable, Sendable {
    package enum TransportProtocol: String, Sendable, CaseIterable { case tcp, udp, sctp }
    package var transport: TransportProtocol
    package var containerPort: UInt16
    /// 0: not mapped.
    package var hostPort: UInt16
    /// v4 or v6; empty: all addresses.
    package var hostIP: String

    package init(transport: TransportProtocol, containerPort: UInt16, hostPort: UInt16, hostIP: String) {
        self.transport = transport
        self.containerPort = containerPort
        self.hostPort = hostPort
        self.hostIP = hostIP
    }
}

/// Whose namespaces are used (CRI `NamespaceOption`).
package struct NamespaceOptions: Hashable, Sendable {
    package enum NetworkMode: String, Sendable { case pod, node }
    package enum IPCMode: String, Sendable { case pod, node }
    package enum PIDMode: Hashable, Sendable {
        /// One for the containers of the pod together.
        case pod
        /// One for each container.
        case container
        /// The host's.
        case node
        /// That of another container of the pod.
        case target(ContainerID)
    }
    package var network: NetworkMode = .pod
    package var pid: PIDMode = .pod
    package var ipc: IPCMode = .pod
    /// Nil: no user namespace.
    package var user: UserNamespace? = nil
    package init() {}
}

package struct UserNamespace: Hashable, Sendable {
    package var uids: [IDMapping]
    package var gids: [IDMapping]
    package init(uids: [IDMapping], gids: [IDMapping]) {
        self.uids = uids
        self.gids = gids
    }
}

package struct IDMapping: Hashable, Sendable {
    package var hostID: UInt32
    package var containerID: UInt32
    package var length: UInt32
    package init(hostID: UInt32, containerID: UInt32, length: UInt32) {
        self.hostID = hostID
        self.containerID = containerID
        self.length = length
    }
}
