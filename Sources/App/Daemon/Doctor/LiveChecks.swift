import ByteText
import HostFacts
import SmallFiles
import Systemd

/// What only a try can tell: the system bus, and the gc of other directories.
package enum LiveChecks {
    /// Connects as the daemon does, and asks systemd for something.
    package static func bus() async -> HostCheck {
        let bus = SystemdBus()
        let running = Task { try? await bus.run() }
        defer { running.cancel() }
        do throws(SystemdError) {
            let units = try await bus.listUnits(prefix: "rktlet", timeout: .seconds(5))
            return .ok("bus", "systemd answers on the system bus; \(units.count) units of rktlet")
        } catch {
            return HostCheck(
                "bus", .failure, "systemd does not answer on the system bus: \(error)",
                remedy: "apt-get install dbus; systemctl start dbus.socket; run this as root")
        }
    }

    /// gantry-gc.service has the directories on its own command line.
    package static func collector(_ settings: Settings, unitFiles: [String] = LiveChecks.collectorFiles) -> HostCheck {
        let texts = unitFiles.compactMap { SmallFile.text(of: $0, limit: 65536, followingLinks: true) }
        guard !texts.isEmpty else {
            return HostCheck(
                "collector", .warning, "gantry-gc.service is not installed: what pods leave behind is not collected",
                remedy: "make install; systemctl enable --now gantry-gc.timer")
        }
        let command =
            texts.flatMap(\.lines).last { $0.without(prefix: "ExecStart=").map { !$0.isEmpty } ?? false } ?? ""
        func names(_ option: String, _ value: String, default usual: String) -> Bool {
            let words = command.words(at: " ")
            return (words.compactMap { $0.without(prefix: "\(option)=") }.last ?? usual[...]).isSame(as: value)
        }
        guard names("--dir", settings.dataDir, default: "/var/lib/rktlet"),
            names("--run-dir", settings.runDir, default: "/run/rktlet")
        else {
            return HostCheck(
                "collector", .warning, "gantry-gc.service looks at other directories than the daemon's",
                remedy:
                    "systemctl edit gantry-gc.service: ExecStart=, then ExecStart=\(settings.engine) gc --unless-anothers --dir=\(settings.dataDir) --run-dir=\(settings.runDir)"
            )
        }
        return .ok("collector", "gantry-gc.service looks at \(settings.dataDir)")
    }

    /// The unit and its usual drop-in; the last one that says something holds.
    package static let collectorFiles = [
        "/usr/lib/systemd/system/gantry-gc.service", "/usr/local/lib/systemd/system/gantry-gc.service",
        "/etc/systemd/system/gantry-gc.service", "/etc/systemd/system/gantry-gc.service.d/override.conf",
    ]
}
