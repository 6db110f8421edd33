/// Writes the exits of apps that nobody was there to see.
struct LostExits {
    let pod: PodDirectory
    let isThisBoot: Bool

    /// 137 for what a clean-up or systemd killed; 255 for an app of another boot, whose code nobody knows. Never 0.
    ///
    /// When a supervisor dies, systemd (252, KillMode=mixed) kills what is left of the unit before it runs ExecStopPost=, so that an app of
    /// this boot that has no processes any more was killed as well.
    func record(events: @autoclosure () throws(EngineError) -> PodEventLog) throws(EngineError) {
        let lost = try pod.storedApps().filter { $0.state != .exited }
        guard !lost.isEmpty else { return }
        let kept = isThisBoot ? pod.keptRecords.standIns(for: lost) : [:]
        let events = try events()
        for var app in lost {
            if let further = kept[app.name] { app = further }
            if app.state != .exited { try end(&app) }
            try pod.writeApp(app)
            try events.append(.app(pod: pod.uuid, app))
        }
    }

    private func end(_ app: inout AppRecord) throws(EngineError) {
        guard isThisBoot else {
            return try app.exit(
                at: Clock.now(), code: 255, reason: "Unknown",
                message: "the exit code is not known: the host was restarted")
        }
        try app.exit(
            at: Clock.now(), code: 137, reason: "Error", message: "killed, because the pod's supervisor had ended")
    }
}
