/// What a container is asked to be (CRI `ContainerConfig`), parsed and valid. Equal configs are the same request.
package struct ContainerConfig: Hashable, Sendable {
    package var metadata: ContainerMetadata
    package var image: ImageSpec
    package var command: [String] = []
    package var args: [String] = []
    /// Absolute, or empty: the image's.
    package var workingDirectory: String = ""
    package var environment: [EnvironmentVariable] = []
    package var mounts: [Mount] = []
    package var devices: [Device] = []
    package var cdiDevices: [String] = []
    package var labels: [String: String] = [:]
    package var annotations: [String: String] = [:]
    /// Relative to the pod's log directory; may hold slashes; empty: no log.
    package var logPath: String = ""
    package var stdin: Bool = false
    package var stdinOnce: Bool = false
    package var tty: Bool = false
    package var resources: LinuxResources? = nil
    package var security: ContainerSecurity = ContainerSecurity()
    /// Nil: the image's, else SIGTERM.
    package var stopSignal: Signal? = nil

    package init(metadata: ContainerMetadata, image: ImageSpec) {
        self.metadata = metadata
        self.image = image
    }
}

package struct ContainerMetadata: Hashable, Sendable, CustomStringConvertible {
    package var name: String
    package var attempt: UInt32
    package init(name: String, attempt: UInt32) {
        self.name = name
        self.attempt = attempt
    }
    package var description: String { "\(name) (attempt \(attempt))" }
}

/// Which image is meant (CRI `ImageSpec`).
package struct ImageSpec: Hashable, Sendable {
    /// A reference or an id; what the user asked for.
    package var image: String
    package var annotations: [String: String] = [:]
    package var userSpecifiedImage: String = ""
    package var runtimeHandler: String = ""
    package var imageRef: String = ""
    package init(image: String) { self.image = image }
}

package struct EnvironmentVariable: Hashable, Sendable {
    package var name: String
    package var value: String
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

package struct Mount: Hashable, Sendable {
    package enum Propagation: String, Sendable, CaseIterable { case `private`, hostToContainer, bidirectional }
    package var containerPath: String
    /// Empty with `image`.
    package var hostPath: String
    package var readonly: Bool = false
    package var recursiveReadOnly: Bool = false
    package var propagation: Propagation = .private
    package var seLinuxRelabel: Bool = false
    package var uidMappings: [IDMapping] = []
    package var gidMappings: [IDMapping] = []
    /// An image as a volume.
    package var image: ImageSpec? = nil
    package var imageSubPath: String = ""
    /// Options of mount(8) that take something away: `noexec` and the like (the CRI's `mount_options`).
    package var options: [String] = []

    package init(containerPath: String, hostPath: String) {
        self.containerPath = containerPath
        self.hostPath = hostPath
    }
}

package struct Device: Hashable, Sendable {
    package var containerPath: String
    package var hostPath: String
    /// A subset of `rwm`.
    package var permissions: String
    package init(containerPath: String, hostPath: String, permissions: String) {
        self.containerPath = containerPath
        self.hostPath = hostPath
        self.permissions = permissions
    }
}
