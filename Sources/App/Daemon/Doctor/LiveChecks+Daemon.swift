import ByteText
import HostFacts
import Systemd

/// Whether the daemon runs, and what it has for its clients.
extension LiveChecks {
    private static let unit = "rktlet.service"

    /// The daemon's unit, and whether somebody answers on its socket.
    package static func service(_ settings: Settings) async -> HostCheck {
        let bus = SystemdBus()
        let running = Task { try? await bus.run() }
        defer { running.cancel() }
        let units = try? await bus.listUnits(prefix: "rktlet", timeout: .seconds(5))
        return service(
            units.map { $0.first { $0.name == unit }?.activeState ?? "inactive" },
            answers: SingleDaemon.answers(on: settings.socketPath), on: settings.socketPath)
    }

    /// - Parameter state: of the unit, as systemd calls it; nil where systemd does not answer, which is told by itself.
    static func service(_ state: String?, answers: Bool, on path: String) -> HostCheck {
        switch (state, answers) {
        case ("active", true): return .ok("daemon", "\(unit) runs and answers on \(path)")
        case ("active", false):
            return HostCheck(
                "daemon", .warning, "\(unit) runs, and nobody answers on \(path): it listens elsewhere, or hangs",
                remedy: "systemctl cat \(unit); journalctl -u \(unit) -n 50; systemctl restart \(unit)")
        case ("failed", _):
            return HostCheck(
                "daemon", .warning,
                "\(unit) has failed: no pod is started or stopped until it runs; those that run go on",
                remedy: "journalctl -u \(unit) -n 50; systemctl restart \(unit)")
        case (let state?, true): return .ok("daemon", "somebody answers on \(path), though \(unit) is \(state)")
        case (let state?, false):
            return HostCheck(
                "daemon", .warning,
                "\(unit) is \(state): no pod is started or stopped until it runs; those that run go on",
                remedy: "systemctl enable --now \(unit)")
        case (nil, true): return .ok("daemon", "somebody answers on \(path)")
        case (nil, false):
            return HostCheck("daemon", .warning, "nobody answers on \(path)", remedy: "systemctl enable --now \(unit)")
        }
    }

    /// Which pods an upgrade left with the supervisor of another build. Nil where the engine has none, or systemd does not answer, which is told
    /// by itself.
    package static func supervisors(_ checks: HostChecks) async -> HostCheck? {
        let (prefix, limit) = ("rktlet-pod-", Duration.seconds(5))
        let bus = SystemdBus()
        let running = Task { try? await bus.run() }
        defer { running.cancel() }
        guard let units = try? await bus.listUnits(prefix: prefix, timeout: limit) else { return nil }
        var processes: [String: UInt32] = [:]
        for unit in units where unit.activeState.isSame(as: "active") {
            guard let pod = unit.name.without(prefix: prefix)?.without(suffix: ".service"),
                let state = try? await bus.unitState(unit.name, timeout: limit), state.mainPID != 0
            else { continue }
            processes[String(pod)] = state.mainPID
        }
        return checks.supervisors(processes)
    }

    /// The tokens of a gateway on TCP: whether they are there, whole, and root's alone. None without such a gateway.
    package static func tokens(_ settings: Settings) -> [HostCheck] {
        let places = settings.gateway.all.filter(\.isTCP).map(\.description).joined(separator: ", ")
        guard settings.gateway.hasTCP else { return [] }
        let files = [
            ("token", SettingKey.gatewayTokenFile, settings.gatewayTokenFile),
            ("metrics token", SettingKey.metricsTokenFile, settings.metricsTokenFile),
        ]
        return files.map { name, key, path in
            do {
                guard try TokenFile(key, at: path).read() != nil else {
                    return HostCheck(
                        name, .warning, "\(key.rawValue) \(path) is not there: nobody gets in at \(places)",
                        remedy: "the daemon makes it when it starts: systemctl restart \(unit)")
                }
                return .ok(name, "\(path) is there, for its owner alone")
            } catch let error as StartError {
                return HostCheck(
                    name, .warning, "\(error)",
                    remedy: "the daemon does not start with it: chown root: \(path); chmod 600 \(path)")
            } catch {
                return HostCheck(name, .warning, "\(key.rawValue) \(path): \(error)", remedy: "run this as root")
            }
        }
    }
}
