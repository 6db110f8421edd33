import ChildProcess
import Domain
import Glibc
import JSON
import Synchronization

/// `gantry port-forward --session`, for as long as this lives: it asks for connections, and they come (docs/engine.md, *Sessions*).
final class GantryPortForwarding: PortForwarding {
    private typealias Answer = Result<Int32, DomainError>

    private struct State {
        var last: Int64 = 0
        var waiting: [Int64: CheckedContinuation<Answer, Never>] = [:]
        /// Why there are no connections any more.
        var failure: DomainError?
        var socket: WatchedSocket?
        var program: Task<Void, Never>?
    }

    private let object: String
    private let state = Mutex(State())
    private let pair = HeldSocket()

    /// What the program's first message answers.
    private static let beginning: Int64 = 0
    /// Messages that are read at once, before others on the queue have their turn.
    private static let turn = 32

    private init(about object: String) { self.object = object }

    /// - Throws: also what the program says of a pod that is not there, or not ready.
    static func begin(_ call: GantryCall, _ pod: PodID) async throws(DomainError) -> GantryPortForwarding {
        let forwarding = GantryPortForwarding(about: "pod \(pod)")
        let limit = Task {
            guard (try? await Task.sleep(for: call.settings.queryTimeout)) != nil else { return }
            forwarding.end(DomainError(.deadlineExceeded, "\(forwarding.object): port-forward did not begin in time"))
        }
        defer { limit.cancel() }
        do throws(DomainError) {
            try forwarding.start(call, EngineUUID(pod))
            _ = try await forwarding.answer(to: beginning) { true }
        } catch {
            forwarding.close()
            throw error
        }
        return forwarding
    }

    deinit { close() }

    private func start(_ call: GantryCall, _ uuid: EngineUUID) throws(DomainError) {
        let pair = try HandoverSocket(about: object)
        let ours = fcntl(pair.ours, F_DUPFD_CLOEXEC, 3)
        guard ours >= 0 else { throw DomainError(.resourceExhausted, "\(object): no descriptor is left for a session") }
        let socket = WatchedSocket(owning: ours) { [weak self] in self?.receive() }
        let (object, theirs, held) = (object, pair.theirs, self.pair)
        held.hold(pair)
        // Lives as long as this: its end cancels it, as the end of the pod does.
        let program = Task { [weak self] in
            let failure: DomainError
            do throws(DomainError) {
                let result = try await call.command.run(
                    ["port-forward"], ["--format=json", "--session=0", uuid.description], about: object, timeout: nil,
                    inputDescriptor: theirs)
                failure =
                    result.succeeded
                    ? DomainError(.unavailable, "\(object): has ended")
                    : call.error(of: result, ["port-forward"], about: object)
            } catch {
                failure = error
            }
            held.letGo()
            self?.end(failure)
        }
        state.withLock { state in
            state.socket = socket
            state.program = program
        }
        socket.activate()
    }

    // MARK: The port

    func connect(to port: UInt16) async throws(DomainError) -> Int32 {
        let (id, socket) = state.withLock { state in
            state.last += 1
            return (state.last, state.socket)
        }
        let request: JSON = ["id": .integer(id), "port": .integer(Int64(port))]
        let bytes = Array(request.serialized().utf8)
        return try await answer(to: id) {
            socket?.use { send($0, bytes, bytes.count, Int32(MSG_NOSIGNAL)) } ?? -1 >= 0
        }
    }

    func close() { end(DomainError(.cancelled, "\(object): the port forwarding was closed")) }

    // MARK: Answers

    /// - Parameter ask: sends what is answered; false where that cannot be.
    private func answer(to id: Int64, _ ask: @Sendable () -> Bool) async throws(DomainError) -> Int32 {
        let cancelled = Answer.failure(DomainError(.cancelled, "\(object): a connection is no longer waited for"))
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let failure = state.withLock { state -> Answer? in
                    if let failure = state.failure { return .failure(failure) }
                    if Task.isCancelled { return cancelled }
                    state.waiting[id] = waiter
                    return nil
                }
                if let failure { return waiter.resume(returning: failure) }
                if !ask() {
                    settle(
                        id, .failure(DomainError(.resourceExhausted, "\(object): too many connections are being made")))
                }
            }
        } onCancel: {
            settle(id, cancelled)
        }
        return try answer.get()
    }

    private func settle(_ id: Int64, _ answer: Answer) {
        if let waiter = state.withLock({ $0.waiting.removeValue(forKey: id) }) {
            return waiter.resume(returning: answer)
        }
        // Nobody waits for it any more.
        if case .success(let descriptor) = answer, descriptor >= 0 { Glibc.close(descriptor) }
    }

    private func receive() {
        for _ in 0..<Self.turn {
            guard let socket = state.withLock({ $0.socket }) else { return }
            let message: HandoverSocket.Message?
            do throws(DomainError) {
                let received = socket.use { [object] descriptor in
                    Result { () throws(DomainError) in try HandoverSocket.receive(descriptor, about: object) }
                }
                message = try received?.get()
            } catch {
                return end(error)
            }
            guard let message else { return }
            // The program's own end says more, and is told in a moment.
            guard message.body != .null else { return socket.close() }
            take(message)
        }
    }

    private func take(_ message: HandoverSocket.Message) {
        if message.body["ready"]?.boolValue == true {
            pair.letGo()
            return settle(Self.beginning, .success(-1))
        }
        let id = message.body["id"]?.int64Value ?? Self.beginning
        if message.body["ok"]?.boolValue == true, message.descriptors.count == 1 {
            return settle(id, .success(message.descriptors[0]))
        }
        for descriptor in message.descriptors { Glibc.close(descriptor) }
        let error = message.body["error"]
        settle(
            id,
            .failure(
                DomainError(
                    error?["code"]?.stringValue.flatMap(GantryCall.code) ?? .internal,
                    EngineWords.told(
                        error?["message"]?.stringValue ?? "the engine made no connection", about: object))))
    }

    /// The first failure counts.
    private func end(_ failure: DomainError) {
        let ended = state.withLock { state -> State? in
            guard state.failure == nil else { return nil }
            let before = state
            state = State(last: state.last, failure: failure)
            return before
        }
        guard let ended else { return }
        ended.socket?.close()
        ended.program?.cancel()
        for waiter in ended.waiting.values { waiter.resume(returning: .failure(failure)) }
    }
}

/// Both ends of the socket, until the program has its own: a number that is closed before is another's.
private final class HeldSocket: Sendable {
    private let socket = Mutex<HandoverSocket?>(nil)

    func hold(_ pair: HandoverSocket) { socket.withLock { $0 = pair } }

    func letGo() {
        let gone = socket.withLock { socket in
            defer { socket = nil }
            return socket
        }
        withExtendedLifetime(gone) {}
    }
}
