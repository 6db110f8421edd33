/// What an app is to be: the document of `app add --config` (`docs/engine.md`, *App configuration*), checked.
package struct AppConfig: Equatable, Sendable {
    package struct Variable: Equatable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package enum GroupsPolicy: String, Sendable, CaseIterable {
        case merge, strict
    }

    package struct User: Equatable, Sendable {
        package var uid: Int64?
        /// A name, or `user:group` as image configurations write it.
        package var username = ""
        package var gid: Int64?
        package var supplementalGroups: [Int64] = []
        package var groupsPolicy: GroupsPolicy = .merge

        package init() {}
    }

    package struct Device: Equatable, Sendable {
        /// Empty: the host's path.
        package var containerPath: String
        /// A device, or a directory whose devices are all meant.
        package var hostPath: String
        /// Some of `rwm`.
        package var permissions: String

        package init(containerPath: String, hostPath: String, permissions: String) {
            self.containerPath = containerPath
            self.hostPath = hostPath
            self.permissions = permissions
        }
    }

    package struct Capabilities: Equatable, Sendable {
        package var add: [CapabilityName] = []
        package var drop: [CapabilityName] = []
        package var addAmbient: [CapabilityName] = []

        package init() {}
    }

    package enum ProfileType: String, Sendable, CaseIterable {
        case runtimeDefault = "runtime-default"
        case unconfined, localhost
    }

    package struct Seccomp: Equatable, Sendable {
        package var type: ProfileType = .runtimeDefault
        package var path = ""

        package init() {}
    }

    package struct AppArmor: Equatable, Sendable {
        /// Nil: not asked for, so that what the host has is what there is.
        package var type: ProfileType?
        package var profile = ""

        package init() {}
    }

    package struct SELinux: Equatable, Sendable {
        package var user = ""
        package var role = ""
        package var type = ""
        package var level = ""

        package init() {}

        package var isEmpty: Bool { user.isEmpty && role.isEmpty && type.isEmpty && level.isEmpty }
    }

    package enum PIDMode: String, Sendable, CaseIterable {
        case container, pod, host, target
    }

    package struct Namespaces: Equatable, Sendable {
        /// Nil: what the pod says.
        package var pid: PIDMode?
        package var target: AppName?

        package init() {}
    }

    package var command: [String] = []
    package var args: [String] = []
    package var workingDir = ""
    package var env: [Variable] = []
    package var user = User()
    package var tty = false
    package var stdin = false
    package var stdinOnce = false
    package var mounts: [AppMount] = []
    package var devices: [Device] = []
    package var cdiDevices: [String] = []
    package var capabilities = Capabilities()
    package var privileged = false
    package var readonlyRootfs = false
    package var noNewPrivileges = false
    package var seccomp = Seccomp()
    package var apparmor = AppArmor()
    package var selinux = SELinux()
    /// Nil: the usual defaults.
    package var maskedPaths: [String]?
    package var readonlyPaths: [String]?
    package var namespaces = Namespaces()
    package var resources = AppResources()
    /// Nil: the image's, else SIGTERM.
    package var stopSignal: Signal?
    /// Nil: the pod's.
    package var stopTimeoutSeconds: Int64?
    /// Empty: no log file.
    package var logPath = ""
    package var annotations: [String: String] = [:]
    package var userAnnotations: [String: String] = [:]
    package var userLabels: [String: String] = [:]

    package init() {}
}
