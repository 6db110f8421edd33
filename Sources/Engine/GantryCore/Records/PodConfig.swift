import JSON

/// What a pod is to be: the document of `app sandbox --config` (`docs/engine.md`, *Pod configuration*), checked.
package struct PodConfig: Equatable, Sendable {
    package struct DNS: Equatable, Sendable {
        package var servers: [String] = []
        package var searches: [String] = []
        package var options: [String] = []

        package init() {}

        package var isEmpty: Bool { servers.isEmpty && searches.isEmpty && options.isEmpty }
    }

    package struct HostsEntry: Equatable, Sendable {
        package var ip: String
        package var names: [String]

        package init(ip: String, names: [String]) {
            self.ip = ip
            self.names = names
        }
    }

    package enum NetworkMode: String, Sendable, CaseIterable {
        case cni, host, none
    }

    package struct Network: Equatable, Sendable {
        package var mode: NetworkMode = .cni
        /// Empty: the first configuration of `confDir` in lexical order.
        package var name = ""
        package var confDir = "/etc/cni/net.d"
        package var binDirs = ["/opt/cni/bin", "/usr/lib/cni"]
        /// What CNI_ARGS carries.
        package var args: [String: String] = [:]
        /// By capability: what a plugin that declares it gets as `runtimeConfig`. Port mappings and DNS are made of the pod's own.
        package var capabilities: [String: JSON] = [:]

        package init() {}
    }

    package enum PortProtocol: String, Sendable, CaseIterable {
        case tcp, udp, sctp
    }

    package struct Port: Equatable, Sendable {
        package var `protocol`: PortProtocol
        package var containerPort: UInt16
        /// 0: not mapped.
        package var hostPort: UInt16
        /// Empty: every address.
        package var hostIP: String

        package init(protocol: PortProtocol, containerPort: UInt16, hostPort: UInt16, hostIP: String) {
            self.protocol = `protocol`
            self.containerPort = containerPort
            self.hostPort = hostPort
            self.hostIP = hostIP
        }
    }

    package enum PIDMode: String, Sendable, CaseIterable {
        case container, pod, host
    }

    package enum IPCMode: String, Sendable, CaseIterable {
        case pod, host
    }

    package struct Namespaces: Equatable, Sendable {
        package var pid: PIDMode = .container
        package var ipc: IPCMode = .pod
        /// Nil: no user namespace.
        package var user: UserNamespace?

        package init() {}
    }

    /// Nil: made up by whoever starts the pod.
    package var uuid: PodUUID?
    package var unit = ""
    package var hostname = ""
    package var dns = DNS()
    package var hosts: [HostsEntry] = []
    package var network = Network()
    package var ports: [Port] = []
    package var namespaces = Namespaces()
    package var sysctls: [String: String] = [:]
    /// Bytes of the pod's /dev/shm.
    package var shmSize: Int64 = 64 << 20
    /// The grace of apps that name none of their own.
    package var stopTimeoutSeconds: Int64 = 30
    /// CNI_CONTAINERID; empty: the UUID without dashes.
    package var containerID = ""
    /// The program that makes the containers; empty: the host's crun.
    package var ociRuntime = ""
    package var annotations: [String: String] = [:]
    package var userAnnotations: [String: String] = [:]
    package var userLabels: [String: String] = [:]

    package init() {}
}
