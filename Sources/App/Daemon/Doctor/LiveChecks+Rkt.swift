import HostFacts
import Systemd

/// What the archived rkt needs besides programs, and what its pods are granted. None with another engine.
extension LiveChecks {
    private static let registrar = "systemd-machined.service"

    package static func rkt(_ settings: Settings) async -> [HostCheck] {
        let bus = SystemdBus()
        let running = Task { try? await bus.run() }
        defer { running.cancel() }
        let units = try? await bus.listUnits(prefix: "systemd-machined", timeout: .seconds(5))
        return [
            machines(units.map { $0.first { $0.name == registrar }?.activeState ?? "inactive" }),
            sharedPIDNamespace(settings), execAsRoot(settings),
        ]
    }

    /// - Parameter state: of the unit, as systemd calls it; nil where systemd does not answer, which is told by itself.
    static func machines(_ state: String?) -> HostCheck {
        guard let state else { return HostCheck("machines", .warning, "whether \(registrar) runs cannot be told") }
        if state == "active" { return .ok("machines", "\(registrar) runs") }
        return HostCheck(
            "machines", .failure, "\(registrar) is \(state): rkt registers its pods with it",
            remedy: "apt-get install systemd-container; systemctl start \(registrar)")
    }

    static func sharedPIDNamespace(_ settings: Settings) -> HostCheck {
        let name = "PID namespaces"
        let key = SettingKey.rktSharedPIDNamespace.rawValue
        if settings.rkt.sharedPIDNamespace {
            return .ok(name, "\(key): the containers of a pod share one, though it asks for one each")
        }
        return HostCheck(
            name, .warning, "rkt has none for each container: ordinary pods of a kubelet are refused",
            remedy: "\(key): true in the configuration grants one for all; or set shareProcessNamespace in the pods")
    }

    static func execAsRoot(_ settings: Settings) -> HostCheck {
        let key = SettingKey.rktExecAsRoot.rawValue
        if settings.rkt.execAsRoot {
            return HostCheck(
                "exec", .warning, "\(key): commands run as root with every capability, whatever the container is",
                remedy: "leave \(key) out to have exec, and probes that run commands, refused")
        }
        return .ok("exec", "is refused, and so are probes that run commands; \(key) would allow it as root")
    }
}
