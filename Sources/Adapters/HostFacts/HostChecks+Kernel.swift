import ByteText
import Glibc

/// What the kernel and the system manager offer.
extension HostChecks {
    static func root() -> HostCheck {
        if geteuid() == 0 { return .ok("user", "root") }
        return HostCheck(
            "user", .failure, "user id \(geteuid())", remedy: "run it as root: pods need namespaces, mounts and cgroups"
        )
    }

    static func systemd() -> HostCheck {
        guard HostFiles.isDirectory("/run/systemd/system") else {
            return HostCheck(
                "systemd", .failure, "systemd is not the system manager here", remedy: "boot the host with systemd")
        }
        guard HostFiles.exists("/run/dbus/system_bus_socket") || HostFiles.exists("/run/systemd/private") else {
            return HostCheck("systemd", .failure, "the system bus does not answer", remedy: "apt-get install dbus")
        }
        return .ok("systemd", "runs, with its bus")
    }

    static func cgroups() -> HostCheck {
        if HostFiles.exists("/sys/fs/cgroup/cgroup.controllers") {
            let there = Set(HostFiles.words(of: "/sys/fs/cgroup/cgroup.controllers"))
            let missing = ["cpu", "memory", "pids"].filter { !there.contains(Substring($0)) }
            if missing.isEmpty { return .ok("cgroups", "version 2: \(there.sorted().joined(separator: ", "))") }
            return HostCheck(
                "cgroups", .warning, "version 2 without \(missing.joined(separator: ", ")): such limits cannot be set",
                remedy: "enable them on the kernel's command line (cgroup_enable=memory)")
        }
        let mounted = HostFiles.names(in: "/sys/fs/cgroup") ?? []
        let missing = ["cpu", "memory", "pids", "systemd"].filter { name in !mounted.contains { $0.has(text: name) } }
        guard missing.isEmpty else {
            return HostCheck(
                "cgroups", .failure,
                "no usable hierarchy: \(missing.joined(separator: ", ")) missing in /sys/fs/cgroup",
                remedy: "boot with systemd.unified_cgroup_hierarchy=1")
        }
        return HostCheck(
            "cgroups", .warning,
            "version 1 (hybrid): used as far as it goes; private cgroup namespaces and the unified map are not there",
            remedy: "boot with systemd.unified_cgroup_hierarchy=1")
    }

    /// CAP_SYS_RESOURCE is what containers on trimmed hosts miss first.
    static func capabilities() -> HostCheck {
        let line = HostFiles.text(of: "/proc/self/status")?.lines.first { $0.begins(with: "CapBnd:") }
        guard let text = line?.words(at: "\t").last, let set = UInt64(text, radix: 16) else {
            return HostCheck("capabilities", .warning, "cannot read the bounding set in /proc/self/status")
        }
        let last = HostFiles.words(of: "/proc/sys/kernel/cap_last_cap").first.flatMap { UInt64($0) } ?? 40
        let missing = (0...min(last, 63)).filter { set & (1 << $0) == 0 }
        if missing.isEmpty { return .ok("capabilities", "all") }
        let names = missing.map { $0 == 24 ? "CAP_SYS_RESOURCE" : "number \($0)" }.joined(separator: ", ")
        let effect =
            missing.contains(24) ? "; OOM scores below the daemon's own and limits above its own are clamped" : ""
        return HostCheck(
            "capabilities", .warning, "the bounding set lacks \(names): masked in privileged containers\(effect)",
            remedy: "give the host (or the container it runs in) these capabilities")
    }

    static func signaturePolicy() -> HostCheck {
        if HostFiles.exists("/etc/containers/policy.json") { return .ok("policy", "/etc/containers/policy.json") }
        return HostCheck(
            "policy", .failure, "no /etc/containers/policy.json: no image may be pulled",
            remedy: "apt-get install golang-github-containers-common (or containers-common)")
    }

    static func overlay(
        filesystems: String? = HostFiles.text(of: "/proc/filesystems"), modules: KernelModules = KernelModules()
    ) -> HostCheck {
        if filesystems?.lines.contains(where: { $0.ends(with: "\toverlay") }) == true {
            return .ok("overlayfs", "the kernel has it")
        }
        if modules.presence(of: "overlay") != .absent {
            return .ok("overlayfs", "the kernel loads it with the first container")
        }
        return HostCheck(
            "overlayfs", .failure, "this kernel has it neither built in nor as a module",
            remedy: "use a kernel with overlayfs; after an upgrade of the kernel reboot first")
    }

    static func namespaces() -> HostCheck {
        let needed = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"]
        let missing = needed.filter { !HostFiles.exists("/proc/self/ns/" + $0) }
        guard missing.isEmpty else {
            let verdict: HostCheck.Verdict = missing.allSatisfy { $0 == "user" || $0 == "cgroup" } ? .warning : .failure
            return HostCheck(
                "namespaces", verdict, "the kernel lacks \(missing.joined(separator: ", "))",
                remedy: "use a kernel with namespaces")
        }
        let users = HostFiles.words(of: "/proc/sys/user/max_user_namespaces").first.flatMap { Int($0) } ?? 0
        if users > 0 { return .ok("namespaces", "all, user namespaces included") }
        return HostCheck(
            "namespaces", .warning, "user namespaces are switched off",
            remedy: "sysctl -w user.max_user_namespaces=15000")
    }

    static func seccomp() -> HostCheck {
        guard HostFiles.exists("/proc/sys/kernel/seccomp/actions_avail") else {
            return HostCheck(
                "seccomp", .warning, "the kernel lacks it: profiles are refused", remedy: "use a kernel with seccomp")
        }
        if HostFiles.exists("/usr/share/containers/seccomp.json") {
            return .ok("seccomp", "default profile from /usr/share/containers/seccomp.json")
        }
        return .ok("seccomp", "built-in default profile")
    }

    static func appArmor(_ armor: AppArmor = AppArmor()) -> HostCheck {
        if let problem = armor.problem() {
            return HostCheck(
                "apparmor", .warning, "\(problem.finding): \(AppArmor.consequence)", remedy: problem.remedy)
        }
        if case .loaded(let profile) = armor.state() {
            return .ok("apparmor", "enabled; containers run under \(profile) by default")
        }
        return .ok("apparmor", "not in this kernel; profiles by name are refused")
    }
}
