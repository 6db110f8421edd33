/// Writes the exits of apps that nobody was there to see.
struct LostExits {
    let pod: PodDirectory
    let layout: CgroupLayout
    let isThisBoot: Bool

    /// The apps that have processes at this moment, before they are killed.
    func running() -> Set<AppName> {
        let apps = (try? pod.readApps()) ?? []
        return Set(
            apps.filter { app in
                app.state != .exited && !app.cgroup.isEmpty && !AppCgroup(layout: layout, path: app.cgroup).isEmpty
            }.map(\.name))
    }

    /// 137 for what a clean-up killed; 255 for an app whose code nobody knows. Never 0.
    func record(killed: Set<AppName>, events: @autoclosure () throws(EngineError) -> EventLog) throws(EngineError) {
        let lost = try pod.readApps().filter { $0.state != .exited }
        guard !lost.isEmpty else { return }
        let events = try events()
        for var app in lost {
            if killed.contains(app.name) {
                try app.exit(
                    at: Clock.now(), code: 137, reason: "Error", message: "killed by the clean-up: the pod's supervisor had ended")
            } else {
                let cause = isThisBoot ? "its supervisor had ended before it" : "the host was restarted"
                try app.exit(at: Clock.now(), code: 255, reason: "Unknown", message: "the exit code is not known: \(cause)")
            }
            try pod.writeApp(app)
            try events.append(.app(pod: pod.uuid, app))
        }
    }
}
