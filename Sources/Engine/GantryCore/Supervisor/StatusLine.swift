import ByteText

/// What `systemctl status` shows as the pod's `Status:`, sent when it has changed.
final class StatusLine {
    private(set) var sent = ""
    private(set) var isPlanned = false

    fileprivate func planned(_ flag: Bool) { isPlanned = flag }
    fileprivate func sent(_ text: String) { sent = text }
}

extension App {
    /// What whoever made it calls it (annotation `gantry.title`).
    fileprivate var title: String? {
        record.annotations["gantry.title"].flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension PodSupervisor {
    /// At most so many containers are named, and so many bytes are of one name.
    private static let mostNamed = 12
    private static let longestName = 48
    private static let shortID = 12
    private static let retry: Int64 = 1_000_000_000

    /// `running: web (running), db (exited 1, OOMKilled); 10.88.0.7, fd00::7`.
    var status: String {
        let named = apps.values.sorted { ($0.record.createdAt, $0.name.string) < ($1.record.createdAt, $1.name.string) }
            .map { "\(Self.shown($0)) (\(Self.word(of: $0)))" }
        let more = named.count > Self.mostNamed ? ["and \(named.count - Self.mostNamed) more"] : []
        let containers = named.isEmpty ? "no containers" : (named.prefix(Self.mostNamed) + more).joined(separator: ", ")
        let addresses = record.ips.isEmpty ? "" : "; " + record.ips.joined(separator: ", ")
        return "\(isStopping ? "stopping" : "running"): \(containers)\(addresses)"
    }

    private static func word(of app: App) -> String {
        switch app.phase {
        case .creating, .created: app.words
        case .starting: "starting"
        case .running: "running"
        case .ending, .exited, .clean, .removing:
            app.record.exitCode.map { code in
                let reason = app.record.reason
                return reason.isEmpty || reason == "Completed" || reason == "Error"
                    ? "exited \(code)" : "exited \(code), \(reason)"
            } ?? "ending"
        }
    }

    /// Tells the service manager, unless it knows. One that does not listen just now is told a little later: nobody waits for it.
    func showStatus() {
        guard let notifyAddress, !statusLine.isPlanned else { return }
        let text = status
        guard text != statusLine.sent else { return }
        if NotifySocket.offer("STATUS=\(text)", to: notifyAddress) {
            statusLine.sent(text)
        } else {
            statusLine.planned(true)
            loop.after(Self.retry) { [unowned self] in
                statusLine.planned(false)
                showStatus()
            }
        }
    }

    // MARK: The story, in the journal of the unit

    func tell(_ text: String) { StandardError.write(text) }

    func tell(_ app: App, _ text: String) {
        let id = app.title == nil ? "" : " (\(app.name.string.shortened(to: Self.shortID)))"
        StandardError.write("container \(Self.shown(app))\(id): \(text)")
    }

    /// What people call it, or its name here.
    private static func shown(_ app: App) -> String {
        LogText.plain(String((app.title ?? app.name.string).shortened(to: longestName)))
    }

    /// How a container ended, in a line.
    static func story(code: Int32, reason: String, message: String) -> String {
        let what =
            switch code {
            case 128 where reason == "StartError": "could not be started"
            case 129...192: "ended with code \(code) (signal \(code - 128))"
            default: "ended with code \(code)"
            }
        let detail = message.isEmpty ? "" : ": \(LogText.plain(message))"
        return "\(what), \(reason)\(detail)"
    }
}
