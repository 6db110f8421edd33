import Domain
import Testing

@testable import CRI

@Suite(.timeLimit(.minutes(10))) struct ContainerConfigTests {
    @Test func `every field of a container config arrives`() throws {
        let config = try ContainerConfig(wire: Requests.container)
        #expect(config.metadata == ContainerMetadata(name: "nginx", attempt: 2))
        #expect(config.image.wire == Requests.container.image)
        #expect(config.command == ["/bin/sh", "-c"])
        #expect(config.args == ["", "two words"])
        #expect(config.workingDirectory == "/srv")
        #expect(config.environment == [EnvironmentVariable(name: "A", value: "x=1\ny")])
        #expect(config.mounts.map(\.wire) == Requests.container.mounts)
        #expect(config.devices == [Device(containerPath: "/dev/fuse", hostPath: "/dev/fuse", permissions: "mrw")])
        #expect(config.cdiDevices == ["vendor.com/gpu=0"])
        #expect(config.labels == ["l": "1"])
        #expect(config.annotations == ["n": "2"])
        #expect(config.logPath == "nginx/2.log")
        #expect(config.stopSignal == Signal(number: 3))
        #expect(config.resources?.memoryLimit == 1 << 26)
        #expect(config.security.runAsUser == 1_000)
        #expect(config.security.runAsGroup == 2_000)
        #expect(config.security.supplementalGroups == [3_000])
        #expect(config.security.capabilities.drop == ["ALL"])
        #expect(config.security.capabilities.add == ["NET_BIND_SERVICE"])
        #expect(config.security.namespaces.pid == .container)
        #expect(config.security.maskedPaths == ["/proc/kcore"])
        #expect(config.security.readonlyPaths == [])
        #expect(config.security.seccomp == .runtimeDefault)
    }

    @Test func `without a security context the runtime's own masked paths hold`() throws {
        var wire = Requests.container
        wire.linux.clearSecurityContext()
        #expect(try ContainerConfig(wire: wire).security == ContainerSecurity())
        #expect(try ContainerConfig(wire: wire).security.maskedPaths == nil)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let message: String
        let spoil: @Sendable (inout Runtime_V1_ContainerConfig) -> Void
        var testDescription: String { message }
        init(_ message: String, _ spoil: @escaping @Sendable (inout Runtime_V1_ContainerConfig) -> Void) {
            self.message = message
            self.spoil = spoil
        }
    }

    static let shape: [Case] = [
        Case("config.metadata: is missing") { $0.clearMetadata() },
        Case("config.image: is missing") { $0.clearImage() },
        Case("config.image.image: must not be empty") { $0.image.image = "" },
        Case("config.image.image: \"a b\" holds a blank") { $0.image.image = "a b" },
        Case("config.metadata.name: must not be empty") { $0.metadata.name = "" },
        Case("config.metadata.name: has 300 bytes, at most 253 are allowed") {
            $0.metadata.name = String(repeating: "n", count: 300)
        },
        Case("config.windows: this runtime runs Linux containers only") { $0.windows = .init() },
        Case("config.command[1]: holds a NUL byte") { $0.command[1] = "\0" },
        Case("config.labels[\"a\\0\"]: holds a NUL byte") { $0.labels["a\0"] = "v" },
        Case("config.annotations[\"\\0\"]: holds a NUL byte") { $0.annotations["\0"] = "v" },
        Case("config.image.annotations[\"a\\0b\"]: holds a NUL byte") { $0.image.annotations["a\0b"] = "v" },
        Case("config.working_dir: \"srv\" is not an absolute path") { $0.workingDir = "srv" },
        Case("config.envs[0].key: must not be empty") { $0.envs[0].key = "" },
        Case("config.envs[0].key: the name that begins with \"A\" holds =; the value goes into the field value") {
            $0.envs[0].key = "A=secret"
        },
        Case("config.envs[0].value: the value of \"A\" is not valid UTF-8") { $0.envs[0].value = .init([0xff]) },
        Case("config.envs[0].value: holds a NUL byte") { $0.envs[0].value = .init([0]) },
        Case("config.mounts[0].container_path: \"data\" is not an absolute path") {
            $0.mounts[0].containerPath = "data"
        },
        Case("config.mounts[0].container_path: must not be empty") { $0.mounts[0].containerPath = "" },
        Case("config.mounts[0].host_path: \"./x\" is not an absolute path") { $0.mounts[0].hostPath = "./x" },
        Case("config.mounts[0].host_path: must not be empty") { $0.mounts[0].hostPath = "" },
        Case("config.mounts[0].host_path: cannot be given together with image") { $0.mounts[0].image.image = "i" },
        Case("config.mounts[0].image_sub_path: needs image") { $0.mounts[0].imageSubPath = "a" },
        Case("config.mounts[0].image_sub_path: \"a/../..\" must not hold ..") {
            $0.mounts[0].hostPath = ""
            $0.mounts[0].image.image = "i"
            $0.mounts[0].imageSubPath = "a/../.."
        },
        Case("config.mounts[0].propagation: unknown value 5") { $0.mounts[0].propagation = .UNRECOGNIZED(5) },
        Case("config.mounts[0].recursive_read_only: needs readonly") { $0.mounts[0].readonly = false },
        Case("config.mounts[0].recursive_read_only: needs private propagation") {
            $0.mounts[0].propagation = .propagationHostToContainer
        },
        Case("config.mounts[0].readonly: must be true: an image is mounted read-only") {
            $0.mounts[0] = .with {
                $0.containerPath = "/a"
                $0.image.image = "a"
            }
        },
        Case(
            "config.mounts[0].mount_options[1]: \"exec\" is none of nosuid, nodev, noexec, noatime, nodiratime, relatime"
        ) { $0.mounts[0].mountOptions = ["noexec", "exec"] },
        Case("config.mounts[0].mount_options: noatime and relatime contradict each other") {
            $0.mounts[0].mountOptions = ["noatime", "relatime"]
        },
        Case("config.mounts[0].mount_options[1]: noexec is there twice") {
            $0.mounts[0].mountOptions = ["noexec", "noexec"]
        },
        Case("config.mounts[0].uidMappings[0].length: must not be 0") { $0.mounts[0].uidMappings = [.init()] },
        Case("config.devices[0].permissions: must not be empty") { $0.devices[0].permissions = "" },
        Case("config.devices[0].permissions: \"rx\" is not made of r, w and m") { $0.devices[0].permissions = "rx" },
        Case("config.devices[0].host_path: \"fuse\" is not an absolute path") { $0.devices[0].hostPath = "fuse" },
        Case("config.CDI_devices[0].name: \"gpu\" is not of the form vendor.com/class=name") {
            $0.cdiDevices[0].name = "gpu"
        },
        Case("config.log_path: \"/var/log/x\" must be a relative path") { $0.logPath = "/var/log/x" },
        Case("config.log_path: \"../x.log\" must not hold ..") { $0.logPath = "../x.log" },
        Case("config.stop_signal: unknown value 99") { $0.stopSignal = .UNRECOGNIZED(99) },
    ]

    static let security: [Case] = [
        Case("config.linux.security_context.run_as_group: needs run_as_user or run_as_username") {
            $0.linux.securityContext.clearRunAsUser()
        },
        Case("config.linux.security_context.run_as_username: cannot be given together with run_as_user") {
            $0.linux.securityContext.runAsUsername = "www"
        },
        Case(
            "config.linux.security_context.run_as_username: \"4294967296\" is not an id: they go from 0 to 4294967294"
        ) {
            $0.linux.securityContext.clearRunAsUser()
            $0.linux.securityContext.runAsUsername = "4294967296"
        },
        Case(
            "config.linux.security_context.run_as_username: \"18446744073709551616\" is not an id: they go from 0 to 4294967294"
        ) {
            $0.linux.securityContext.clearRunAsUser()
            $0.linux.securityContext.runAsUsername = "www:18446744073709551616"
        },
        Case("config.linux.security_context.run_as_user: 4294967295 is not between 0 and 4294967294") {
            $0.linux.securityContext.runAsUser.value = 4_294_967_295
        },
        Case("config.linux.security_context.supplemental_groups[0]: -5 is not between 0 and 4294967294") {
            $0.linux.securityContext.supplementalGroups = [-5]
        },
        Case("config.linux.security_context.capabilities.add_capabilities[0]: \"FLY\" is not a capability") {
            $0.linux.securityContext.capabilities.addCapabilities = ["FLY"]
        },
        Case("config.linux.security_context.masked_paths[0]: \"proc\" is not an absolute path") {
            $0.linux.securityContext.maskedPaths = ["proc"]
        },
        Case("config.linux.security_context.readonly_paths[0]: must not be empty") {
            $0.linux.securityContext.readonlyPaths = [""]
        },
        Case("config.linux.security_context.seccomp.profile_type: unknown value 12") {
            $0.linux.securityContext.seccomp.profileType = .UNRECOGNIZED(12)
        },
        Case("config.linux.security_context.seccomp.localhost_ref: must not be empty") {
            $0.linux.securityContext.seccomp.profileType = .localhost
        },
        Case("config.linux.security_context.seccomp.localhost_ref: \"p.json\" is not an absolute path") {
            $0.linux.securityContext.seccomp.profileType = .localhost
            $0.linux.securityContext.seccomp.localhostRef = "p.json"
        },
        Case("config.linux.security_context.seccomp.localhost_ref: needs profile_type Localhost") {
            $0.linux.securityContext.seccomp.localhostRef = "/p.json"
        },
        Case(
            "config.linux.security_context.seccomp_profile_path: \"strict\" is none of runtime/default, unconfined and localhost/PROFILE"
        ) {
            $0.linux.securityContext.clearSeccomp()
            $0.linux.securityContext.seccompProfilePath = "strict"
        },
        Case("config.linux.security_context.apparmor.localhost_ref: must not be empty") {
            $0.linux.securityContext.apparmor.profileType = .localhost
        },
        Case("config.linux.security_context.namespace_options.target_id: must not be empty") {
            $0.linux.securityContext.namespaceOptions.pid = .target
        },
        Case("config.linux.security_context.namespace_options.target_id: there is no container \"x\"") {
            $0.linux.securityContext.namespaceOptions.pid = .target
            $0.linux.securityContext.namespaceOptions.targetID = "x"
        },
        Case("config.linux.security_context.namespace_options.target_id: needs pid TARGET") {
            $0.linux.securityContext.namespaceOptions.targetID = "x"
        },
    ]

    static let resources: [Case] = [
        Case("config.linux.resources.cpu_period: 5 is not between 1000 and 1000000") {
            $0.linux.resources.cpuPeriod = 5
        },
        Case("config.linux.resources.cpu_quota: -2 is neither -1 nor between 1000 and 17592186044415 microseconds") {
            $0.linux.resources.cpuQuota = -2
        },
        Case(
            "config.linux.resources.cpu_quota: 17592186044416 is neither -1 nor between 1000 and 17592186044415 microseconds"
        ) { $0.linux.resources.cpuQuota = 1 << 44 },
        Case(
            "config.linux.resources.hugepage_limits[0].limit: 9223372036854775808 is not between 0 and 9223372036854775807"
        ) {
            $0.linux.resources.hugepageLimits = [
                .with {
                    $0.pageSize = "2MB"; $0.limit = 1 << 63
                }
            ]
        },
        Case("config.linux.resources.cpu_shares: -1 is not between 0 and 262144") { $0.linux.resources.cpuShares = -1 },
        Case("config.linux.resources.cpuset_cpus: \"0-\" is not a list such as 0-3,7") {
            $0.linux.resources.cpusetCpus = "0-"
        },
        Case("config.linux.resources.cpuset_mems: \"3-1\" is not a list such as 0-3,7") {
            $0.linux.resources.cpusetMems = "3-1"
        },
        Case("config.linux.resources.memory_limit_in_bytes: -9 is not between -1 and 9223372036854775807") {
            $0.linux.resources.memoryLimitInBytes = -9
        },
        Case(
            "config.linux.resources.memory_swap_limit_in_bytes: counts memory and swap together and cannot be below memory_limit_in_bytes"
        ) { $0.linux.resources.memorySwapLimitInBytes = 1 },
        Case("config.linux.resources.memory_swap_limit_in_bytes: needs memory_limit_in_bytes") {
            $0.linux.resources = .with { $0.memorySwapLimitInBytes = 1 }
        },
        Case("config.linux.resources.hugepage_limits[0].page_size: \"2M\" is not a page size such as 2MB") {
            $0.linux.resources.hugepageLimits = [.with { $0.pageSize = "2M" }]
        },
        Case("config.linux.resources.unified[\"../x.y\"]: is not a file of a cgroup controller, such as memory.high") {
            $0.linux.resources.unified = ["../x.y": "1"]
        },
    ]

    @Test(arguments: shape + security + resources)
    func `a container config with a wrong field is refused by name`(_ testCase: Case) {
        var wire = Requests.container
        testCase.spoil(&wire)
        #expect(throws: DomainError(.invalidArgument, testCase.message)) { try ContainerConfig(wire: wire) }
    }

    @Test func `an image can be mounted`() throws {
        var wire = Requests.container
        wire.mounts = [
            .with {
                $0.containerPath = "/models"
                $0.image.image = "models:1"
                $0.imageSubPath = "a/b"
                $0.readonly = true
                $0.mountOptions = ["noatime"]
            }
        ]
        let mount = try #require(try ContainerConfig(wire: wire).mounts.first)
        #expect(mount.image?.image == "models:1")
        #expect(mount.imageSubPath == "a/b")
        #expect(mount.hostPath.isEmpty)
        #expect(mount.wire == wire.mounts[0])
    }

    @Test func `the value of a variable never shows in an error`() {
        var wire = Requests.container
        wire.envs[0].value = .init("hunter2\0".utf8)
        let error = #expect(throws: DomainError.self) { try ContainerConfig(wire: wire) }
        #expect(error?.message.contains("hunter2") == false)
    }
}
