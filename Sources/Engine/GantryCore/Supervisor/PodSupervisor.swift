import CGantry
import Glibc

/// The supervisor of one pod: its state while it lives, and the loop that everything happens on.
package final class PodSupervisor {
    let store: PodStore
    let pod: PodDirectory
    let config: PodConfig
    let paths: PodPaths
    let unit: UnitCgroup
    let namespaces: PodNamespaces.Paths
    let crun: Crun
    let events: EventLog
    let loop: EventLoop
    let reaper: Reaper
    let runner: CrunRunner
    let removal: CgroupRemoval
    let standStill: StandStill
    var record: PodRecord
    var apps: [AppName: App] = [:]
    var server: ControlServer?
    /// Of the shared PID namespace; kept so that its end is noticed.
    var podInit: pid_t?
    /// Where the service manager listens; nil when started by hand.
    let notifyAddress: String?

    let profiles = SeccompCache()
    private var isTrimPlanned = false
    /// Read when the first app is added.
    private var knownFacts: HostFacts?

    var isStopping = false
    var stopRequests: [ControlRequest] = []

    init(_ started: PodStart.Started) throws(EngineError) {
        store = started.store
        pod = started.pod
        config = started.config
        paths = started.paths
        unit = started.unit
        namespaces = started.namespaces
        crun = started.crun
        events = started.events
        record = started.record
        podInit = started.podInit
        notifyAddress = started.notifyAddress
        loop = try EventLoop()
        reaper = Reaper()
        runner = CrunRunner(loop: loop, reaper: reaper)
        removal = CgroupRemoval(loop: loop)
        standStill = StandStill(loop: loop)
    }

    /// Listens and answers until the pod is stopped and everything of it undone.
    package func run(signals: PodSignals) throws(EngineError) {
        try loop.watch(signals.children.raw, .read) { [unowned self] in
            signals.acknowledge(signals.children)
            reaper.reap()
        }
        try loop.watch(signals.termination.raw, .read) { [unowned self] in
            signals.acknowledge(signals.termination)
            stop(within: nil)
        }
        if let podInit {
            reaper.expect(podInit) { [unowned self] status in
                self.podInit = nil
                guard !isStopping else { return }
                // Every process of the namespace died with it.
                note("the init of the pod's PID namespace ended (\(status.description)): the pod ends")
                stop(within: nil)
            }
        }
        reaper.reap()
        try loop.run()
    }

    func facts() throws(EngineError) -> HostFacts {
        if var known = knownFacts {
            try known.lookAtAppArmor()
            return known
        }
        let facts = try HostFacts.read()
        if facts.appArmor && facts.appArmorDefault == nil {
            note("apps that ask for no AppArmor profile are unconfined: no profile rktlet-default is loaded")
        }
        knownFacts = facts
        return facts
    }

    /// Gives back to the kernel what a burst of work has freed, once it is over: there is one supervisor per pod.
    func trimSoon() {
        guard !isTrimPlanned else { return }
        isTrimPlanned = true
        loop.after(1_000_000_000) { [unowned self] in
            isTrimPlanned = false
            profiles.forget()
            gantry_trim_memory()
        }
    }

    /// For people, in the journal.
    func note(_ text: String) { StandardError.write("pod \(pod.uuid): \(text)") }

    // MARK: Records

    func app(_ name: AppName) throws(EngineError) -> App {
        guard let app = apps[name] else {
            throw EngineError(.notFound, "app \(name): there is no such app in pod \(pod.uuid)")
        }
        return app
    }

    /// Writes the app's record, then tells the world.
    func save(_ app: App, durability: Durability) throws(EngineError) {
        try pod.writeApp(app.record, durability: durability)
        publish(.app(pod: pod.uuid, app.record))
    }

    /// An event that cannot be written must not undo what it tells of: readers find out by their next snapshot.
    func publish(_ event: EngineEvent) {
        do throws(EngineError) {
            try events.append(event)
        } catch {
            note("cannot write an event: \(error.message)")
        }
    }

    var fullRecord: PodRecord {
        var full = record
        full.apps = apps.values.map(\.record).sorted { $0.name < $1.name }
        return full
    }
}
