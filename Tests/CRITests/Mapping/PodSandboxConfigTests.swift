import Domain
import Testing

@testable import CRI

@Suite(.timeLimit(.minutes(10))) struct PodSandboxConfigTests {
    @Test func `every field of a pod config arrives`() throws {
        let config = try PodSandboxConfig(wire: Requests.pod, runtimeHandler: "gantry")
        #expect(config.metadata.description == "default/web-0 (uid 6a1c7f0e-4d0c-4d21-9f6e-0f5e1c3f0001, attempt 1)")
        #expect(config.hostname == "web-0")
        #expect(config.logDirectory == "/var/log/pods/default_web-0_6a1c7f0e")
        #expect(config.dns.servers == ["10.96.0.10", "fd00::a"])
        #expect(config.dns.searches.count == 2)
        #expect(config.dns.options == ["ndots:5"])
        #expect(
            config.portMappings == [PortMapping(transport: .sctp, containerPort: 80, hostPort: 8_080, hostIP: "::1")])
        #expect(config.labels == Requests.pod.labels)
        #expect(config.annotations == Requests.pod.annotations)
        #expect(config.cgroupParent == "/kubepods.slice/kubepods-burstable.slice")
        #expect(config.namespaces.pid == .container)
        #expect(config.sysctls == Requests.pod.linux.sysctls)
        #expect(config.overhead?.memoryLimit == 1 << 20)
        #expect(config.resources?.cpuShares == 512)
        #expect(config.runtimeHandler == "gantry")
    }

    @Test func `a pod config with nothing but metadata is enough`() throws {
        let config = try PodSandboxConfig(wire: .with { $0.metadata = Requests.pod.metadata }, runtimeHandler: "")
        #expect(config == PodSandboxConfig(metadata: config.metadata))
    }

    @Test func `a pod on the host's network has the host's name`() throws {
        var wire = Requests.pod
        wire.linux.sysctls = [:]
        wire.linux.securityContext.namespaceOptions.network = .node
        #expect(try PodSandboxConfig(wire: wire, runtimeHandler: "").hostname.isEmpty)
    }

    @Test func `a hostname as long as the kernel's may be arrives whole`() throws {
        var wire = Requests.pod
        wire.hostname = String(repeating: "h", count: 64)
        #expect(try PodSandboxConfig(wire: wire, runtimeHandler: "").hostname == wire.hostname)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let message: String
        let spoil: @Sendable (inout Runtime_V1_PodSandboxConfig) -> Void
        var testDescription: String { message }
        init(_ message: String, _ spoil: @escaping @Sendable (inout Runtime_V1_PodSandboxConfig) -> Void) {
            self.message = message
            self.spoil = spoil
        }
    }

    static let cases: [Case] = [
        Case("config.metadata: is missing") { $0.clearMetadata() },
        Case("config.metadata.name: must not be empty") { $0.metadata.name = "" },
        Case("config.metadata.name: has 254 bytes, at most 253 are allowed") {
            $0.metadata.name = String(repeating: "a", count: 254)
        },
        Case("config.metadata.uid: must not be empty") { $0.metadata.uid = "" },
        Case("config.metadata.namespace: \"a/b\" may hold printable ASCII only, without blanks and any of / ; =") {
            $0.metadata.namespace = "a/b"
        },
        Case("config.windows: this runtime runs Linux containers only") { $0.windows = .init() },
        Case("config.hostname: has 65 bytes, at most 64 are allowed") {
            $0.hostname = String(repeating: "h", count: 65)
        },
        Case("config.hostname: \"a\\nb\" is not a host name") { $0.hostname = "a\nb" },
        Case("config.log_directory: \"logs\" is not an absolute path") { $0.logDirectory = "logs" },
        Case("config.log_directory: holds a NUL byte") { $0.logDirectory = "/logs\0" },
        Case("config.labels[\"a\\0\"]: holds a NUL byte") { $0.labels["a\0"] = "v" },
        Case("config.annotations[\"\\0\"]: holds a NUL byte") { $0.annotations["\0"] = "v" },
        Case("config.dns_config.servers[1]: \"dns\" is not an IP address") { $0.dnsConfig.servers[1] = "dns" },
        Case("config.dns_config.searches[0]: holds a control character") { $0.dnsConfig.searches[0] = "a\nnameserver" },
        Case("config.dns_config.options[0]: \"a b\" holds a blank") { $0.dnsConfig.options = ["a b"] },
        Case("config.port_mappings[0].protocol: unknown value 9") {
            $0.portMappings[0].protocol = .UNRECOGNIZED(9)
        },
        Case("config.port_mappings[0].container_port: 0 is not between 1 and 65535") {
            $0.portMappings[0].containerPort = 0
        },
        Case("config.port_mappings[0].host_port: 65536 is not between 0 and 65535") {
            $0.portMappings[0].hostPort = 65_536
        },
        Case("config.port_mappings[0].host_port: -1 is not between 0 and 65535") { $0.portMappings[0].hostPort = -1 },
        Case("config.port_mappings[0].host_ip: \"10.0.0\" is not an IP address") {
            $0.portMappings[0].hostIp = "10.0.0"
        },
        Case("config.linux.cgroup_parent: holds a control character") { $0.linux.cgroupParent = "a\nb.slice" },
        Case(
            "config.linux.sysctls[\"vm.swappiness\"]: would change the host: it does not belong to a namespace of the pod"
        ) {
            $0.linux.sysctls = ["vm.swappiness": "1"]
        },
        Case("config.linux.sysctls[\"net/../kernel\"]: is not the name of a sysctl") {
            $0.linux.sysctls = ["net/../kernel": "1"]
        },
        Case("config.linux.sysctls[\"net.core.somaxconn\"]: holds a control character") {
            $0.linux.sysctls = ["net.core.somaxconn": "1\n2"]
        },
        Case(
            "config.linux.sysctls[\"net.ipv4.ip_unprivileged_port_start\"]: would change the host: the pod is in the host's network namespace"
        ) { $0.linux.securityContext.namespaceOptions.network = .node },
        Case("config.linux.sysctls[\"kernel.shmmax\"]: would change the host: the pod is in the host's IPC namespace") {
            $0.linux.securityContext.namespaceOptions.ipc = .node
        },
        Case("config.linux.security_context.namespace_options.network: must be POD or NODE") {
            $0.linux.securityContext.namespaceOptions.network = .container
        },
        Case("config.linux.security_context.namespace_options.ipc: unknown value 7") {
            $0.linux.securityContext.namespaceOptions.ipc = .UNRECOGNIZED(7)
        },
        Case(
            "config.linux.security_context.namespace_options.pid: TARGET is for containers; a pod has POD, CONTAINER or NODE"
        ) {
            $0.linux.securityContext.namespaceOptions.pid = .target
            $0.linux.securityContext.namespaceOptions.targetID = String(repeating: "a", count: 64)
        },
        Case("config.linux.security_context.namespace_options.userns_options.uids: must not be empty") {
            $0.linux.securityContext.namespaceOptions.usernsOptions = .init()
        },
        Case("config.linux.security_context.run_as_group: needs run_as_user") {
            $0.linux.securityContext.runAsGroup.value = 1
        },
        Case("config.linux.security_context.run_as_user: -1 is not between 0 and 4294967294") {
            $0.linux.securityContext.runAsUser.value = -1
        },
        Case("config.linux.security_context.seccomp.profile_type: unknown value 3") {
            $0.linux.securityContext.seccomp.profileType = .UNRECOGNIZED(3)
        },
        Case("config.linux.security_context.supplemental_groups_policy: unknown value 2") {
            $0.linux.securityContext.supplementalGroupsPolicy = .UNRECOGNIZED(2)
        },
        Case("config.linux.overhead.oom_score_adj: 1001 is not between -1000 and 1000") {
            $0.linux.overhead.oomScoreAdj = 1_001
        },
    ]

    @Test(arguments: cases)
    func `a pod config with a wrong field is refused by name`(_ testCase: Case) {
        var wire = Requests.pod
        testCase.spoil(&wire)
        #expect(throws: DomainError(.invalidArgument, testCase.message)) {
            try PodSandboxConfig(wire: wire, runtimeHandler: "")
        }
    }

    @Test(arguments: ["net.ipv4.conf.eth0/1.rp_filter", "net/ipv4/conf/eth0.1/rp_filter", "fs.mqueue.msg_max"])
    func `sysctls may be written with dots and with slashes`(_ name: String) throws {
        #expect(try Sysctls.parse([name: "1"], namespaces: NamespaceOptions(), at: FieldPath("s")) == [name: "1"])
    }
}
