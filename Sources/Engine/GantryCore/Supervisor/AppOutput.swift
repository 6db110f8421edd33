import CGantry
import Glibc

func gantrySignal(_ pidfd: Descriptor, _ signal: Signal) -> Bool {
    gantry_pidfd_signal(pidfd.raw, signal.number) == 0
}

/// What an app writes: read from its pipes or its terminal, and put into its log.
final class AppOutput {
    private let loop: EventLoop
    private let log: LogFile?
    private var sources: [Int32: Source] = [:]
    private var drained: (() -> Void)?
    private var drainTimer: EventLoop.Timer?

    private struct Source {
        let descriptor: Descriptor
        let stream: LogStream
    }

    /// How long output is waited for once the app has ended: a process outside of its cgroup may hold the pipe.
    private static let drainLimit: Int64 = 500_000_000

    init(loop: EventLoop, log: LogFile?) {
        self.loop = loop
        self.log = log
    }

    deinit { for source in sources.values { loop.unwatch(source.descriptor.raw) } }

    func add(_ descriptor: Descriptor, _ stream: LogStream) throws(EngineError) {
        guard gantry_nonblocking(descriptor.raw) == 0 else { throw .posix("read an app's output", errno) }
        let fd = descriptor.raw
        sources[fd] = Source(descriptor: descriptor, stream: stream)
        try loop.watch(fd, .read) { [unowned self] in read(fd, rounds: 4) }
    }

    /// Of an app that could not be made.
    func discardLog() { log?.removeIfUnused() }

    func reopenLog() throws(EngineError) { try log?.reopen() }

    /// Reads what is there and calls back once all has been read, or after a bound.
    func drain(_ completion: @escaping () -> Void) {
        drained = completion
        for fd in Array(sources.keys) { read(fd, rounds: 64) }
        guard !sources.isEmpty else { return finish() }
        drainTimer = loop.after(Self.drainLimit) { [weak self] in
            guard let self else { return }
            for fd in Array(sources.keys) { close(fd) }
            finish()
        }
    }

    // A bound on the rounds: an app that never stops writing must not keep the others from being heard.
    private func read(_ fd: Int32, rounds: Int) {
        withUnsafeTemporaryAllocation(byteCount: 32 << 10, alignment: 16) { space in
            for _ in 0..<rounds {
                guard let source = sources[fd] else { return }
                let got = Glibc.read(fd, space.baseAddress, space.count)
                if got > 0 {
                    log?.write(source.stream, UnsafeRawBufferPointer(rebasing: space[..<got]), at: Clock.now())
                    if got < space.count && drained == nil { return }
                } else if got < 0 && (errno == EAGAIN || errno == EINTR) {
                    return
                } else {
                    // End of file; of a terminal whose other side is closed, EIO.
                    return close(fd)
                }
            }
        }
        if drained != nil && sources.isEmpty { finish() }
    }

    private func close(_ fd: Int32) {
        loop.unwatch(fd)
        guard let source = sources.removeValue(forKey: fd) else { return }
        log?.end(source.stream, at: Clock.now())
        source.descriptor.close()
        if drained != nil && sources.isEmpty { finish() }
    }

    private func finish() {
        drainTimer?.cancel()
        let completion = drained
        drained = nil
        completion?()
    }
}
