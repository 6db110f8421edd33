import JSON

/// Everything that decides an app's runtime configuration, except what the host and the root file system hold.
package struct SpecRequest {
    package var config: AppConfig
    package var image: ImageConfig
    package var app: AppName
    package var pod: PodUUID
    /// Path of the mounted root file system, from the bundle.
    package var rootfs: String
    /// The same from the host's root; empty: what is in it is not known.
    package var rootPath: String
    /// As crun's cgroupfs mode takes it: below the hierarchies' mount points.
    package var cgroupsPath: String
    package var namespaces: SpecNamespaces
    package var files: SpecFiles
    /// What `HOSTNAME` says.
    package var hostname: String
    /// Where the images of `mounts[].image` are mounted, by that string.
    package var imageMounts: [String: String]

    package init(
        config: AppConfig, image: ImageConfig, app: AppName, pod: PodUUID, rootfs: String, rootPath: String = "",
        cgroupsPath: String,
        namespaces: SpecNamespaces, files: SpecFiles, hostname: String, imageMounts: [String: String] = [:]
    ) {
        self.config = config
        self.image = image
        self.app = app
        self.pod = pod
        self.rootfs = rootfs
        self.rootPath = rootPath
        self.cgroupsPath = cgroupsPath
        self.namespaces = namespaces
        self.files = files
        self.hostname = hostname
        self.imageMounts = imageMounts
    }
}

/// The namespaces an app joins: paths of the pod's; nil is the host's.
package struct SpecNamespaces: Equatable, Sendable {
    package enum PID: Equatable, Sendable {
        case new
        case path(String)
        case host
    }

    package var network: String?
    package var ipc: String?
    package var uts: String?
    package var user: String?
    package var userMappings: UserNamespace?
    package var pid: PID

    package init(
        network: String?, ipc: String?, uts: String?, user: String? = nil, userMappings: UserNamespace? = nil,
        pid: PID = .new
    ) {
        self.network = network
        self.ipc = ipc
        self.uts = uts
        self.user = user
        self.userMappings = userMappings
        self.pid = pid
    }
}

/// The pod's files that every app sees unless it mounts its own; nil: none.
package struct SpecFiles: Equatable, Sendable {
    package var hosts: String?
    package var hostname: String?
    package var resolvConf: String?
    /// The pod's /dev/shm, or the host's with the host's IPC namespace.
    package var shm: String?

    package init(hosts: String?, hostname: String?, resolvConf: String?, shm: String?) {
        self.hosts = hosts
        self.hostname = hostname
        self.resolvConf = resolvConf
        self.shm = shm
    }
}

/// The result: the OCI document and what the engine has to know besides.
package struct BuiltSpec: Sendable {
    /// `config.json` of the bundle.
    package var json: JSON
    package var argv: [String]
    package var environment: [AppConfig.Variable]
    package var user: AppRecord.User
    package var stopSignal: Signal
    package var workingDirectory: String
    /// What the host did not allow and was left out or clamped, for people.
    package var notes: [String]
    /// Directories to make in the root file system before the container is: its working directory and volumes.
    package var directories: [String]
}
