import CGantry
import Glibc

/// The supervisor's program: start, serve, end.
package struct PodProgram {
    private let options: PodStart.Options
    private let notifyAddress: String?

    package init(options: PodStart.Options) {
        self.options = options
        gantry_share_memory()
        // Before any child is made.
        notifyAddress = NotifySocket.takeFromEnvironment()
    }

    /// The exit status: 0 once the pod has been stopped and all of it undone, 1 for a start that failed or something left undone.
    package func run() -> Int32 {
        do throws(EngineError) {
            let signals = try PodSignals()
            let store = PodStore(dir: options.dir, runDir: options.runDir)
            let pod = try store.open(options.uuid)
            if let lock = options.lock { try pod.adoptLock(lock) } else { try pod.lockForLife() }
            return try run(signals, store, pod)
        } catch {
            StandardError.write("pod \(options.uuid): \(error.message)")
            return 1
        }
    }

    private func run(_ signals: PodSignals, _ store: PodStore, _ pod: PodDirectory) throws(EngineError) -> Int32 {
        let supervisor: PodSupervisor
        do throws(EngineError) {
            let start = PodStart(options: options, store: store, pod: pod, signals: signals)
            supervisor = try PodSupervisor(try start.run(notifyAddress: notifyAddress))
            try supervisor.becomeReady()
        } catch {
            return failed(error, store, pod)
        }
        try supervisor.run(signals: signals)
        return supervisor.end()
    }

    /// A start that failed: why is written first, since whoever started the pod looks for it as soon as the process is gone.
    private func failed(_ error: EngineError, _ store: PodStore, _ pod: PodDirectory) -> Int32 {
        StandardError.write("pod \(options.uuid): cannot be started: \(error.message)")
        try? pod.writeError(error, at: Clock.now())
        defer { store.keepFailure(error, of: pod.uuid) }
        do throws(EngineError) {
            try PodTeardown(store: store, pod: pod, by: .supervisor).run(because: error)
        } catch {
            StandardError.write("pod \(options.uuid): \(error.message)")
        }
        return 1
    }
}

extension PodSupervisor {
    /// Listens on the control socket, records that the pod runs, and then, and only then, says so.
    func becomeReady() throws(EngineError) {
        server = try ControlServer(loop: loop, work: work, directory: paths.root) { [unowned self] in handle($0) }
        try record.advance(to: .running)
        record.startedAt = Clock.now()
        try records.save(record, full: fullRecord)
        notify("READY=1\nSTATUS=\(status)")
    }
}
