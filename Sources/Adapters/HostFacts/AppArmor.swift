import ByteText
import ChildProcess
import Domain
import Synchronization

/// AppArmor on this host, and the profile that containers get which ask for none.
package final class AppArmor: Confinement {
    /// What the host has.
    package enum State: Equatable, Sendable {
        case notInKernel
        /// securityfs is not mounted.
        case unreadable
        case loaded(String)
        case missing
    }

    /// Where things are; tests have their own.
    package struct Places: Sendable {
        package var enabled = "/sys/module/apparmor/parameters/enabled"
        package var profiles = "/sys/kernel/security/apparmor/profiles"
        /// As it was installed, and perhaps changed by an administrator.
        package var source = "/etc/apparmor.d/rktlet-default"
        /// Nil: not installed.
        package var parser = HostFiles.program("apparmor_parser")

        package init() {}
    }

    private let places: Places
    private let whyNot = Mutex("")

    package init(places: Places = Places()) { self.places = places }

    package func state() -> State {
        guard HostFiles.words(of: places.enabled).first?.isSame(as: "Y") == true else { return .notInKernel }
        guard let text = HostFiles.text(of: places.profiles, limit: 4 << 20) else { return .unreadable }
        let known = ["rktlet-default", "cri-containerd.apparmor.d"].first { name in
            text.lines.contains { $0.begins(with: "\(name) (") }
        }
        return known.map { .loaded($0) } ?? .missing
    }

    /// Loads the profile where AppArmor is enabled and has none for containers: after an installation, and before the next boot does it.
    /// - Returns: what has been done, or why it could not be, for the log; nil where there was nothing to do.
    package func load(within limit: Duration = .seconds(30)) async -> Loading? {
        guard state() == .missing else { return nil }
        let cause = await tryToLoad(within: limit)
        whyNot.withLock { $0 = cause ?? "" }
        return cause.map { .failed($0) } ?? .done
    }

    package enum Loading: Equatable, Sendable {
        case done
        case failed(String)
    }

    /// Nil when it is loaded.
    private func tryToLoad(within limit: Duration) async -> String? {
        guard let parser = places.parser else { return "there is no apparmor_parser: apt-get install apparmor" }
        let isInstalled = HostFiles.exists(places.source)
        let command = ChildCommand(
            executable: parser, arguments: ["--replace"] + (isInstalled ? [places.source] : []),
            input: isInstalled ? nil : Array(AppArmorProfile.text.utf8), outputLimit: 4096, timeout: limit)
        do throws(ChildError) {
            let result = try await command.run()
            guard result.succeeded else { return "apparmor_parser failed (\(result.end)): \(result.lastErrorLine)" }
        } catch {
            return "\(error)"
        }
        if case .loaded = state() { return nil }
        return "apparmor_parser loaded \(isInstalled ? places.source : "it"), and the kernel does not list it"
    }

    /// Why the profile is not there, with what to do; nil where it is, or where the kernel has no AppArmor.
    package func problem() -> (finding: String, remedy: String)? {
        switch state() {
        case .notInKernel, .loaded: return nil
        case .unreadable:
            return (
                "enabled, but its profiles cannot be read", "mount -t securityfs securityfs /sys/kernel/security"
            )
        case .missing:
            let cause = whyNot.withLock { $0 }
            let tools = places.parser == nil ? "apt-get install apparmor; " : ""
            return (
                "enabled, but no profile of a container is loaded\(cause.isEmpty ? "" : ": \(cause)")",
                "\(tools)systemctl restart rktlet, which loads it, or apparmor_parser --replace \(places.source)"
            )
        }
    }

    /// What it means for containers.
    package static let consequence =
        "containers that ask for no profile run unconfined, those that ask for RuntimeDefault are refused"

    package func advisories() async -> [RuntimeCondition] {
        guard let problem = problem() else { return [] }
        return [
            RuntimeCondition(
                type: "AppArmorReady", status: false, reason: "AppArmorProfileNotLoaded",
                message: "AppArmor is \(problem.finding): \(Self.consequence); \(problem.remedy)")
        ]
    }
}
