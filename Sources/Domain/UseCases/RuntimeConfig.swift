/// Who manages cgroups (CRI `CgroupDriver`). There is one answer here: every pod is a systemd unit.
package enum CgroupDriver: String, Sendable {
    case systemd
}

/// Tells the kubelet which cgroup driver to use, so that the two cannot differ.
package struct RuntimeConfig: Sendable {
    init() {}

    package func callAsFunction() -> CgroupDriver { .systemd }
}
