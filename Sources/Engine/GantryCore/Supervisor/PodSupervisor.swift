import CGantry
import Glibc
import JSON

/// The supervisor of one pod: its state while it lives, and the loop that everything happens on.
package final class PodSupervisor {
    let store: PodStore
    let pod: PodDirectory
    let config: PodConfig
    let paths: PodPaths
    let unit: UnitCgroup
    let namespaces: PodNamespaces.Paths
    let runtime: OCIRuntime
    let records: PodRecords
    let loop: EventLoop
    let work: Offload
    /// Writes records.
    let scribe = Worker()
    /// Writes exits to memory while the disk of the records takes nothing.
    let keeper = Worker()
    /// Puts large answers together.
    let clerk = Worker()
    let reaper: Reaper
    let runner: RuntimeRunner
    let removal: CgroupRemoval
    let standStill: StandStill
    var record: PodRecord
    var apps: [AppName: App] = [:]
    /// Apps that could be neither made nor taken back, since a disk does not answer.
    var abandoned: [AppName: App] = [:]
    var server: ControlServer?
    /// Of the shared PID namespace; kept so that its end is noticed.
    var podInit: pid_t?
    /// Where the service manager listens; nil when started by hand.
    let notifyAddress: String?

    let profiles = SeccompCache()
    let facts = SharedFacts()
    private var isTrimPlanned = false
    private var isReapPlanned = false

    var isStopping = false
    /// What the service manager was told last, and whether it still has to be.
    let statusLine = StatusLine()
    var stopRequests: [ControlRequest] = []
    /// Until the pod's end does not wait for disks any longer.
    var endTimer: EventLoop.Timer?

    init(_ started: PodStart.Started) throws(EngineError) {
        store = started.store
        pod = started.pod
        config = started.config
        paths = started.paths
        unit = started.unit
        namespaces = started.namespaces
        runtime = started.runtime
        records = try PodRecords(pod: started.pod, runDir: started.store.runDir)
        record = started.record
        podInit = started.podInit
        notifyAddress = started.notifyAddress
        loop = try EventLoop()
        work = try Offload(loop: loop)
        reaper = Reaper()
        runner = RuntimeRunner(loop: loop, reaper: reaper)
        removal = CgroupRemoval(loop: loop, work: work)
        standStill = StandStill(loop: loop)
    }

    /// Listens and answers until the pod is stopped and everything of it undone.
    package func run(signals: PodSignals) throws(EngineError) {
        try loop.watch(signals.children.raw, .read, "children") { [unowned self] in
            signals.acknowledge(signals.children)
            reapSome()
        }
        try loop.watch(signals.termination.raw, .read, "signal") { [unowned self] in
            signals.acknowledge(signals.termination)
            stop(within: nil, because: "its unit was stopped (SIGTERM to the supervisor)")
        }
        if let podInit {
            reaper.expect(podInit) { [unowned self] status in
                self.podInit = nil
                guard !isStopping else { return }
                // Every process of the namespace died with it.
                let cause = "the init of its PID namespace ended (\(status.description))"
                note("\(cause): the pod ends")
                stop(within: nil, because: cause)
            }
        }
        reapSome()
        try loop.run()
        // From now on whoever has children waits for them himself.
        loop.unwatch(signals.children.raw)
        loop.unwatch(signals.termination.raw)
    }

    private func reapSome() {
        let before = reaper.reaped
        let hasMore = reaper.reap(limit: LoopMeter.Bound.children)
        loop.meter.count(.children, reaper.reaped - before)
        guard hasMore, !isReapPlanned else { return }
        isReapPlanned = true
        loop.soon("children") { [unowned self] in
            isReapPlanned = false
            reapSome()
        }
    }

    /// Gives back to the kernel what a burst of work has freed, once it is over: there is one supervisor per pod.
    func trimSoon() {
        guard !isTrimPlanned else { return }
        isTrimPlanned = true
        loop.after(1_000_000_000) { [unowned self] in
            isTrimPlanned = false
            profiles.forget()
            // After a large request there is much to look through.
            work.run(clerk, "memory given back", { gantry_trim_memory() }) {}
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

    /// Writes the app's record as it is now, tells the world, and then `completion`.
    func save(_ app: App, _ durability: Durability, then completion: @escaping (Result<Void, EngineError>) -> Void) {
        work.attempt(
            scribe, "record of an app",
            { [records, record = app.record] () throws(EngineError) in try records.save(record, durability) },
            then: completion)
    }

    func publish(_ event: EngineEvent, then completion: @escaping () -> Void) {
        work.run(scribe, "event", { [records] in records.publish(event) }, then: completion)
    }

    /// Answers with an app's record, which may be large.
    func answer(_ request: ControlRequest, _ app: App) {
        let record = app.record
        answer(request, weight: record.weight) { ["app": record.json] }
    }

    /// Answers with what `make` makes, beside the loop when it has a large `weight` in bytes.
    func answer(_ request: ControlRequest, weight: Int, _ make: @escaping @Sendable () -> [String: JSON]) {
        guard weight > LoopMeter.Bound.document else {
            loop.meter.count(.documents, weight)
            return request.succeed(make())
        }
        work.run(clerk, "answer", { ControlProtocol.frame(ControlProtocol.success(make())) }) { frame in
            request.answer(frame: frame)
        }
    }

    var fullRecord: PodRecord {
        var full = record
        full.apps = apps.values.map(\.record).sorted { $0.name < $1.name }
        return full
    }
}
