import Domain

/// Requests with every field set, so that a field that a codec forgets is seen.
enum Samples {
    static let podID = PodID(String(repeating: "0123456789abcdef", count: 4))!
    static let otherPodID = PodID(String(repeating: "f", count: 64))!
    static let containerID = ContainerID(String(repeating: "c0", count: 32))!
    static let uuid = "01234567-89ab-cdef-0123-456789abcdef"

    static var pod: PodSandboxConfig {
        var config = PodSandboxConfig(
            metadata: PodSandboxMetadata(name: "web", uid: "u-1", namespace: "default", attempt: 2))
        config.hostname = "web-0"
        config.logDirectory = "/var/log/pods/default_web"
        config.dns.servers = ["10.0.0.10"]
        config.dns.searches = ["svc.local"]
        config.dns.options = ["ndots:5"]
        config.portMappings = [
            PortMapping(transport: .udp, containerPort: 53, hostPort: 5353, hostIP: "::1"),
            PortMapping(transport: .tcp, containerPort: 80, hostPort: 0, hostIP: ""),
        ]
        config.labels = ["app": "web", "é/ü": "\"quoted\"\n$HOME"]
        config.annotations = ["a/b": "", "c": String(repeating: "x", count: 1000)]
        config.cgroupParent = "/kubepods.slice/kubepods-pod1.slice"
        config.namespaces.network = .pod
        config.namespaces.pid = .container
        config.namespaces.ipc = .node
        config.namespaces.user = UserNamespace(
            uids: [IDMapping(hostID: 100_000, containerID: 0, length: 65536)],
            gids: [IDMapping(hostID: 200_000, containerID: 0, length: 65536)])
        config.sysctls = ["net.ipv4.ip_unprivileged_port_start": "0"]
        config.overhead = resources
        config.resources = resources
        config.privileged = true
        config.seLinux = SELinuxOptions(user: "u", role: "r", type: "t", level: "l")
        config.runtimeHandler = "fast"
        return config
    }

    static var resources: LinuxResources {
        var resources = LinuxResources()
        resources.cpuPeriod = 100_000
        resources.cpuQuota = 50_000
        resources.cpuShares = 512
        resources.cpusetCPUs = "0-1"
        resources.cpusetMems = "0"
        resources.memoryLimit = 64 << 20
        resources.memorySwapLimit = 128 << 20
        resources.oomScoreAdjust = -500
        resources.hugepageLimits = [HugepageLimit(pageSize: "2MB", limit: .max)]
        resources.unified = ["memory.high": "1000000"]
        return resources
    }

    static var container: ContainerConfig {
        var image = ImageSpec(image: "busybox")
        image.annotations = ["k": "v"]
        image.userSpecifiedImage = "busybox:1"
        image.runtimeHandler = "fast"
        image.imageRef = "sha256:1"
        var config = ContainerConfig(metadata: ContainerMetadata(name: "main", attempt: 3), image: image)
        config.command = ["/bin/sh", "-c"]
        config.args = ["echo $HOME", "--", ""]
        config.workingDirectory = "/work"
        config.environment = [
            EnvironmentVariable(name: "A", value: "two\nlines"), EnvironmentVariable(name: "A", value: "again=\u{0}"),
        ]
        config.mounts = [mount, imageMount]
        config.devices = [Device(containerPath: "/dev/x", hostPath: "/dev/y", permissions: "rwm")]
        config.cdiDevices = ["vendor.com/class=one"]
        config.labels = ["l": "1"]
        config.annotations = ["a": "2"]
        config.logPath = "main/0.log"
        config.stdin = true
        config.stdinOnce = true
        config.tty = true
        config.resources = resources
        config.security = security
        config.stopSignal = Signal(number: 3)
        return config
    }

    static var mount: Mount {
        var mount = Mount(containerPath: "/data", hostPath: "/srv")
        mount.readonly = true
        mount.recursiveReadOnly = true
        mount.propagation = .bidirectional
        mount.seLinuxRelabel = true
        mount.uidMappings = [IDMapping(hostID: 1, containerID: 2, length: .max)]
        mount.gidMappings = [IDMapping(hostID: 3, containerID: 4, length: 5)]
        return mount
    }

    static var imageMount: Mount {
        var mount = Mount(containerPath: "/image", hostPath: "")
        mount.image = ImageSpec(image: "data:1")
        mount.imageSubPath = "sub"
        mount.readonly = true
        mount.options = ["noatime"]
        mount.propagation = .hostToContainer
        return mount
    }

    static var security: ContainerSecurity {
        var security = ContainerSecurity()
        security.capabilities.add = ["NET_ADMIN"]
        security.capabilities.drop = ["ALL"]
        security.capabilities.addAmbient = ["CAP_CHOWN"]
        security.privileged = true
        security.namespaces.pid = .target(containerID)
        security.seLinux = SELinuxOptions(user: "u", role: "", type: "t", level: "")
        security.runAsUser = 0
        security.runAsUsername = "root"
        security.runAsGroup = 1000
        security.readonlyRootfs = true
        security.supplementalGroups = [1, 2]
        security.supplementalGroupsPolicy = .strict
        security.noNewPrivileges = true
        security.maskedPaths = []
        security.readonlyPaths = ["/proc/sys"]
        security.seccomp = .localhost("/profiles/a.json")
        security.appArmor = .localhost("profile")
        return security
    }

    static func newContainer(_ config: ContainerConfig) -> NewContainer {
        NewContainer(
            id: containerID, podID: podID, config: config,
            image: Image(id: ImageID("sha256:abc"), repoTags: [], repoDigests: [], size: 1),
            mountImages: ["data:1": ImageID("sha256:data")], logPath: "/var/log/pods/default_web/main/0.log",
            createdAt: Timestamp(nanoseconds: 1_700_000_000_000_000_001))
    }

    /// A request that every engine can serve.
    static var plainPod: PodSandboxConfig {
        var config = PodSandboxConfig(
            metadata: PodSandboxMetadata(name: "web", uid: "u-1", namespace: "default", attempt: 0))
        config.hostname = "web-0"
        config.portMappings = [PortMapping(transport: .tcp, containerPort: 80, hostPort: 8080, hostIP: "")]
        config.dns.servers = ["10.0.0.10"]
        config.logDirectory = "/var/log/pods/web"
        return config
    }

    static var plainContainer: ContainerConfig {
        var config = ContainerConfig(
            metadata: ContainerMetadata(name: "main", attempt: 0), image: ImageSpec(image: "busybox"))
        config.command = ["/bin/sleep"]
        config.args = ["600"]
        config.environment = [EnvironmentVariable(name: "A", value: "1")]
        return config
    }
}
