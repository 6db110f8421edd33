/// CRI `LinuxContainerSecurityContext`, parsed and valid.
package struct ContainerSecurity: Hashable, Sendable {
    package var capabilities: Capabilities = Capabilities()
    package var privileged: Bool = false
    package var namespaces: NamespaceOptions = NamespaceOptions()
    package var seLinux: SELinuxOptions? = nil
    /// Nil: by name, or the image's.
    package var runAsUser: Int64? = nil
    package var runAsUsername: String = ""
    package var runAsGroup: Int64? = nil
    package var readonlyRootfs: Bool = false
    package var supplementalGroups: [Int64] = []
    package var supplementalGroupsPolicy: SupplementalGroupsPolicy = .merge
    package var noNewPrivileges: Bool = false
    /// Nil: the runtime's defaults; the CRI sends the list it wants, an empty one included.
    package var maskedPaths: [String]? = nil
    package var readonlyPaths: [String]? = nil
    package var seccomp: SecurityProfile = .unconfined
    /// Nil: what the host does by default.
    package var appArmor: SecurityProfile? = nil
    package init() {}
}

package enum SupplementalGroupsPolicy: String, Sendable, CaseIterable { case merge, strict }

/// A seccomp or AppArmor profile.
package enum SecurityProfile: Hashable, Sendable {
    case runtimeDefault
    case unconfined
    /// seccomp: an absolute path; AppArmor: a loaded profile's name.
    case localhost(String)
}

package struct Capabilities: Hashable, Sendable {
    /// Names with or without `CAP_`, or `ALL`.
    package var add: [String] = []
    package var drop: [String] = []
    package var addAmbient: [String] = []
    package init() {}
}

package struct SELinuxOptions: Hashable, Sendable {
    package var user: String
    package var role: String
    package var type: String
    package var level: String
    package init(user: String, role: String, type: String, level: String) {
        self.user = user
        self.role = role
        self.type = type
        self.level = level
    }
}

/// CRI `LinuxContainerResources`; zero and empty mean not set.
package struct LinuxResources: Hashable, Sendable {
    /// Microseconds.
    package var cpuPeriod: Int64 = 0
    /// Microseconds per period.
    package var cpuQuota: Int64 = 0
    package var cpuShares: Int64 = 0
    package var cpusetCPUs: String = ""
    package var cpusetMems: String = ""
    /// Bytes.
    package var memoryLimit: Int64 = 0
    /// Bytes, memory and swap together.
    package var memorySwapLimit: Int64 = 0
    /// -1000...1000.
    package var oomScoreAdjust: Int64 = 0
    /// Bytes by page size (`2MB`).
    package var hugepageLimits: [HugepageLimit] = []
    /// Files of cgroup v2 and their values.
    package var unified: [String: String] = [:]
    package init() {}
}

package struct HugepageLimit: Hashable, Sendable {
    package var pageSize: String
    package var limit: UInt64
    package init(pageSize: String, limit: UInt64) {
        self.pageSize = pageSize
        self.limit = limit
    }
}
