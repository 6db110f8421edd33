import Domain
import NIOCore

/// A command, or an attached container, with its client: bytes between the descriptors of the one and the streams of the other; on the client's
/// event loop.
///
/// Nothing is read that has no room where it goes: not from the command while the client does not take it, nor from the client while the command does not.
final class CommandSession {
    private enum State {
        /// The client's streams are not all there yet.
        case waiting
        /// For a terminal's size.
        case sizing
        case opening
        case running(any LiveSession)
        case over
    }

    /// So many bytes of input may wait for the command.
    private static let inputLimit = 128 * 1024
    /// What a command wrote before its end is in a pipe, which has room for no more than this. What comes after that is somebody else's.
    private static let pipeLimit = 1 << 20

    private let grant: CommandGrant
    private let services: SessionServices
    private let eventLoop: any EventLoop
    private weak var client: (any CommandClient)?

    private var state = State.waiting
    private var size: TerminalSize?
    private var sizeTimer: Scheduled<Void>?
    /// Input that came before the command was there.
    private var early: [ByteBuffer] = []
    private var earlyBytes = 0
    private var isInputEnded = false
    private var input: Descriptor?
    private var outputs: [OutputStream: Descriptor] = [:]
    private var openOutputs = 0
    private var outcome: SessionOutcome?
    private var drainTimer: Scheduled<Void>?
    private var drained = 0

    init(_ grant: CommandGrant, client: any CommandClient, services: SessionServices, eventLoop: any EventLoop) {
        self.grant = grant
        self.client = client
        self.services = services
        self.eventLoop = eventLoop
    }

    // MARK: From the client

    /// All the streams that the protocol has are there.
    func begin() {
        guard case .waiting = state else { return }
        guard grant.isTerminal, size == nil else { return open() }
        state = .sizing
        sizeTimer = eventLoop.assumeIsolated().scheduleTask(in: services.times.size) { [self] in open() }
    }

    func receive(_ bytes: ByteBuffer) {
        guard grant.streams.stdin, !isInputEnded else { return consumed(bytes.readableBytes) }
        switch state {
        case .waiting, .sizing, .opening:
            early.append(bytes)
            earlyBytes += bytes.readableBytes
        case .running:
            guard let input else { return consumed(bytes.readableBytes) }
            input.write(bytes)
        case .over:
            return consumed(bytes.readableBytes)
        }
        pace()
    }

    func endInput() {
        isInputEnded = true
        input?.endOutput()
    }

    func resize(to size: TerminalSize) {
        self.size = size
        switch state {
        case .sizing: open()
        case .running(let live): live.resize(to: size)
        case .waiting, .opening, .over: break
        }
    }

    func clientBecameReady() {
        for output in outputs.values { output.resume() }
    }

    /// The command is killed, an attached container runs on.
    func clientLeft() {
        if case .running(let live) = state { live.cancel() }
        end()
    }

    // MARK: The command

    private func open() {
        sizeTimer?.cancel()
        state = .opening
        let me = NIOLoopBound(self, eventLoop: eventLoop)
        let (grant, services, eventLoop, size) = (grant, services, eventLoop, size)
        services.spawn {
            do throws(DomainError) {
                let live = try await grant.open(services.useCases, size: size)
                eventLoop.execute { me.value.opened(live) }
                let code = try await live.outcome()
                eventLoop.execute { me.value.finished(.exited(code)) }
            } catch {
                // Nobody cancels but the server's own end.
                let reason = error.code == .cancelled ? SessionServices.stopping("container \(grant.container)") : error
                eventLoop.execute { me.value.finished(.failed(reason)) }
            }
        }
    }

    private func opened(_ live: any LiveSession) {
        guard case .opening = state, outcome == nil else {
            // The client has left in the meantime.
            live.cancel()
            return Self.close(live.ends)
        }
        state = .running(live)
        if let size { live.resize(to: size) }
        let ends = live.ends
        if let descriptor = ends.output { read(descriptor, .stdout) }
        if let descriptor = ends.errors { read(descriptor, .stderr) }
        if let descriptor = ends.input { write(descriptor) } else { dropEarly() }
        pace()
    }

    private func read(_ descriptor: Int32, _ stream: OutputStream) {
        let output = Descriptor(.reader)
        outputs[stream] = output
        openOutputs += 1
        output.mayRead = { [weak self] in self?.client?.canTake(stream) ?? true }
        output.onBytes = { [weak self] bytes in self?.relay(bytes, stream) }
        output.onReadAll = { [weak self] in self?.client?.flush() }
        output.onOver = { [weak self] _ in self?.outputEnded() }
        output.open(descriptor, on: eventLoop) { [self] error in
            if error != nil { outputEnded() } else { output.resume() }
        }
    }

    private func write(_ descriptor: Int32) {
        let input = Descriptor(.writer)
        input.onWritten = { [weak self] count in
            self?.consumed(count)
            self?.pace()
        }
        input.open(descriptor, on: eventLoop) { [self] error in
            guard error == nil, case .running = state else {
                input.close()
                return dropEarly()
            }
            self.input = input
            let early = early
            (self.early, earlyBytes) = ([], 0)
            for bytes in early { input.write(bytes) }
            if isInputEnded { input.endOutput() }
            pace()
        }
    }

    private func dropEarly() {
        consumed(earlyBytes)
        (early, earlyBytes) = ([], 0)
        pace()
    }

    private func relay(_ bytes: ByteBuffer, _ stream: OutputStream) {
        client?.send(bytes, on: stream)
        guard outcome != nil else { return }
        drained += bytes.readableBytes
        scheduleDrain()
        finishIfDone()
    }

    private func outputEnded() {
        openOutputs -= 1
        finishIfDone()
    }

    private func finished(_ outcome: SessionOutcome) {
        guard self.outcome == nil else { return }
        if case .failed = outcome, case .running(let live) = state { live.cancel() }
        self.outcome = outcome
        scheduleDrain()
        finishIfDone()
    }

    /// The outcome is known. What the command wrote is read to its end, but others may hold a pipe open for as long as they live.
    private func scheduleDrain() {
        drainTimer?.cancel()
        guard openOutputs > 0 else { return }
        drainTimer = eventLoop.assumeIsolated().scheduleTask(in: services.times.drain) { [self] in
            // As long as the client does not take it, nothing is read.
            let isStuck = outputs.contains { !$0.value.isOver && !(client?.canTake($0.key) ?? true) }
            if isStuck && drained <= Self.pipeLimit { return scheduleDrain() }
            openOutputs = 0
            finishIfDone()
        }
        if drained > Self.pipeLimit { openOutputs = 0 }
    }

    private func finishIfDone() {
        guard openOutputs <= 0, let outcome else { return }
        if case .over = state { return }
        let client = client
        end()
        client?.finish(outcome)
    }

    private func end() {
        state = .over
        sizeTimer?.cancel()
        drainTimer?.cancel()
        (early, earlyBytes) = ([], 0)
        input?.close()
        for output in outputs.values { output.close() }
        client?.isReading = true
        client = nil
    }

    // MARK: The pace

    private func consumed(_ count: Int) { client?.consumed(count) }

    private func pace() { client?.isReading = earlyBytes + (input?.pending ?? 0) < Self.inputLimit }

    private static func close(_ ends: SessionEnds) {
        for end in [ends.input, ends.output, ends.errors] { if let end { closeDescriptor(end) } }
    }
}
