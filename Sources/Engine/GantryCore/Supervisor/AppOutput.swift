import CGantry
import Glibc

func gantrySignal(_ pidfd: Descriptor, _ signal: Signal) -> Bool {
    gantry_pidfd_signal(pidfd.raw, signal.number) == 0
}

/// What an app writes. The loop only waits for it: once there is something, a thread apart moves it to the log and gives the descriptors back
/// when it is quiet again.
final class AppOutput {
    private let loop: EventLoop
    private let work: Offload
    let pump: OutputPump
    private var sources: [OutputPump.Source] = []
    private var listeners: [OutputPump.Listener] = []
    /// Called when a client is listened for no more: nil at the output's end, else why.
    private var leaving: [Int: (EngineError?) -> Void] = [:]
    private var lastClient = 0
    /// What is to be done by threads, one after the other.
    private var steps: [() -> Void] = []
    /// Whether a thread is at it.
    private(set) var isBusy = false
    private var hasLog = false
    /// Whether its log's disk has not said yet whether there is one.
    private(set) var isOpening = false
    private var isWatched = false
    private var isOver = false
    private var drained: (() -> Void)?
    private var limit: EventLoop.Timer?

    /// How long an exit waits for a log whose disk takes nothing. What is left then is written when the disk takes it, and the app's end
    /// is told meanwhile.
    static let patience: Int64 = 2_000_000_000

    init(loop: EventLoop, work: Offload) throws(EngineError) {
        self.loop = loop
        self.work = work
        pump = try OutputPump()
    }

    // No thread is at it any more: each holds this object until it has been told of.
    deinit {
        unwatch()
        for source in sources { close(source.descriptor) }
        for listener in listeners { close(listener.descriptor) }
        pump.close()
    }

    /// Before anything else, for an app that has a log.
    func openLog(_ path: String, _ completion: @escaping (Result<Void, EngineError>) -> Void) {
        hasLog = true
        isOpening = true
        attempt("log opened", { pump throws(EngineError) in try pump.openLog(path) }) { [self] result in
            isOpening = false
            completion(result)
        }
    }

    func add(_ descriptor: Descriptor, _ stream: LogStream) throws(EngineError) {
        guard gantry_nonblocking(descriptor.raw) == 0 else { throw .posix("read an app's output", errno) }
        unwatch()
        sources.append(.init(descriptor: descriptor.take(), stream: stream))
        if !isBusy { watch() }
    }

    /// Of an app that could not be made; does not wait for the disk longer than an exit.
    func discardLog(_ completion: @escaping () -> Void) {
        isOver = true
        drained = completion
        limit = loop.after(Self.patience) { [self] in finish() }
        attempt("log discarded", { pump throws(EngineError) in pump.discardLog() }) { [self] _ in finish() }
    }

    /// Between two reads: no byte is lost, and none written twice.
    func reopenLog(_ completion: @escaping (Result<Void, EngineError>) -> Void) {
        attempt("log reopened", { pump throws(EngineError) in try pump.reopenLog() }, then: completion)
    }

    /// Reads what is there, to the end, and calls back.
    func drain(_ completion: @escaping () -> Void) {
        isOver = true
        drained = completion
        limit = loop.after(Self.patience) { [self] in finish() }
        enqueue { [self] in
            let (left, all) = (sources, listeners)
            guard hasLog || !left.isEmpty else {
                finish()
                leaveAll()
                return ended(left)
            }
            work.apart("output read to its end", keeping: kept, { [pump] _ in pump.drain(left, all) }) {
                [self] outcome in
                finish()
                lose(outcome.lost)
                leaveAll()
                ended(left)
            }
        }
    }

    // MARK: Threads

    private var kept: [Int32] { pump.kept + sources.map(\.descriptor) + listeners.map(\.descriptor) }

    private func attempt(
        _ name: StaticString, _ job: @escaping @Sendable (OutputPump) throws(EngineError) -> Void,
        then completion: @escaping (Result<Void, EngineError>) -> Void
    ) {
        enqueue { [self] in
            work.apart(
                name, keeping: kept, { [pump] _ in Result { () throws(EngineError) in try job(pump) } }
            ) { [self] result in
                completion(result)
                ended([])
            }
        }
    }

    private func enqueue(_ step: @escaping () -> Void) {
        steps.append(step)
        // Whoever moves output leaves off for it.
        pump.interrupt()
        next()
    }

    private func next() {
        guard !isBusy else { return }
        unwatch()
        guard !steps.isEmpty else { return watch() }
        isBusy = true
        let step = steps.removeFirst()
        if steps.isEmpty { pump.interrupt(false) }
        step()
    }

    /// A thread has done its step, and these have ended.
    private func ended(_ gone: [OutputPump.Source]) {
        isBusy = false
        for source in gone { close(source.descriptor) }
        sources.removeAll(where: gone.contains)
        next()
    }

    // MARK: Waiting for output

    private func watch() {
        guard !isWatched, !isOver else { return }
        isWatched = true
        for source in sources {
            // Without memory for it: better not read than not bounded.
            try? loop.watch(source.descriptor, .read, "output") { [unowned self] in
                enqueue { [self] in move() }
            }
        }
    }

    private func unwatch() {
        guard isWatched else { return }
        isWatched = false
        for source in sources { loop.unwatch(source.descriptor) }
    }

    private func move() {
        let (all, heard) = (sources, listeners)
        work.apart("output", keeping: kept, { [pump] isApart in pump.run(all, heard, mayWait: isApart) }) {
            [self] outcome in
            lose(outcome.lost)
            ended(outcome.ended)
        }
    }

    // MARK: Clients

    /// At once; each has two pipes at most, all of which a thread keeps.
    static let mostClients = 16

    var clients: Int { leaving.count }

    /// From now on gives the client what comes; what came before, and was not read yet, goes to the log alone.
    /// - Parameters:
    ///   - pipes: writing ends, non-blocking.
    ///   - left: called once, when that is over: nil at the end of the output, else why.
    /// - Returns: its number, for `detach`; nil when the output has ended.
    func attach(
        _ pipes: [(LogStream, Descriptor)], _ attached: @escaping () -> Void, left: @escaping (EngineError?) -> Void
    ) -> Int? {
        guard !isOver else { return nil }
        lastClient += 1
        let client = lastClient
        leaving[client] = left
        enqueue { [self] in
            let (all, heard) = (sources, listeners)
            work.apart("output before a client", keeping: kept, { [pump] _ in pump.run(all, heard, mayWait: false) }) {
                [self] outcome in
                lose(outcome.lost)
                if leaving[client] != nil {
                    listeners += pipes.map { .init(client: client, descriptor: $0.1.take(), stream: $0.0) }
                    attached()
                }
                ended(outcome.ended)
            }
        }
        return client
    }

    /// The client is gone.
    func detach(_ client: Int) {
        guard leaving.removeValue(forKey: client) != nil else { return }
        // Not while a thread may be about to take the descriptors over.
        enqueue { [self] in
            drop { $0.client == client }
            ended([])
        }
    }

    private func lose(_ clients: Set<Int>) {
        for client in clients {
            let error = EngineError(
                .exhausted,
                "this client has left \(AppAttachment.room >> 10) KiB unread and is cut off: nobody else waits for it")
            leaving.removeValue(forKey: client)?(error)
        }
        drop { clients.contains($0.client) }
    }

    private func leaveAll() {
        drop { _ in true }
        let all = leaving.values
        leaving = [:]
        for left in all { left(nil) }
    }

    private func drop(_ isGone: (OutputPump.Listener) -> Bool) {
        for listener in listeners where isGone(listener) { close(listener.descriptor) }
        listeners.removeAll(where: isGone)
    }

    private func finish() {
        limit?.cancel()
        let completion = drained
        drained = nil
        completion?()
    }
}
