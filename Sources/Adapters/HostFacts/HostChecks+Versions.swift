import ByteText

/// What came with which version of the kernel. Trying it out would need privileges and leave traces.
extension HostChecks {
    static func kernel() -> HostCheck {
        let release = HostFiles.words(of: "/proc/sys/kernel/osrelease").first.map(String.init) ?? ""
        return kernel(release: release)
    }

    static func kernel(release: String) -> HostCheck {
        let numbers = release.digitRuns.prefix(2).compactMap { Int(digits: $0) }
        guard numbers.count == 2 else {
            return HostCheck(
                "kernel", .warning, "its version \"\(release)\" cannot be read", remedy: "see that it is 5.6 or newer")
        }
        func isAtLeast(_ major: Int, _ minor: Int) -> Bool { (numbers[0], numbers[1]) >= (major, minor) }
        guard isAtLeast(5, 6) else {
            return HostCheck(
                "kernel", .failure, "Linux \(release) has neither openat2 nor pidfd", remedy: "use Linux 5.10 or newer")
        }
        let lacking = [
            isAtLeast(5, 12) ? nil : "recursive read-only mounts (5.12)", isAtLeast(5, 14) ? nil : "cgroup.kill (5.14)",
            isAtLeast(5, 19) ? nil : "id-mapped layers for user namespaces (5.19)",
        ].compactMap { $0 }
        guard lacking.isEmpty else {
            return HostCheck(
                "kernel", .warning, "Linux \(release) lacks \(lacking.joined(separator: ", "))",
                remedy: "use Linux 5.19 or newer for them")
        }
        return .ok("kernel", "Linux \(release) has openat2, cgroup.kill and id-mapped mounts")
    }
}
