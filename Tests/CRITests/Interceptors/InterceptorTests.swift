import CallRecords
import Domain
import DomainFakes
import GRPCCore
import Synchronization
import Testing

@testable import CRI

@Suite(.timeLimit(.minutes(10))) struct InterceptorTests {
    private static let list = MethodDescriptor(
        fullyQualifiedService: "runtime.v1.RuntimeService", method: "ListContainers")
    private static let stop = MethodDescriptor(
        fullyQualifiedService: "runtime.v1.RuntimeService", method: "StopContainer")

    private func context(
        _ handle: ServerContext.RPCCancellationHandle = .init(), _ method: MethodDescriptor = list
    ) -> ServerContext {
        ServerContext(descriptor: method, remotePeer: "unix:1", localPeer: "unix:2", cancellation: handle)
    }

    private func request(_ metadata: Metadata = [:]) -> StreamingServerRequest<String> {
        StreamingServerRequest(
            metadata: metadata, messages: RPCAsyncSequence(wrapping: AsyncThrowingStream { $0.finish() }))
    }

    private func produce(_ response: StreamingServerResponse<String>) async throws {
        _ = try await response.accepted.get().producer(RPCWriter(wrapping: DiscardingWriter()))
    }

    // MARK: Observation

    @Test func `a call that ends well is told once, when its last message is out`() async throws {
        let observer = RecordingObserver()
        let response = try await RPCObservationInterceptor(observer: observer).intercept(
            request: request(), context: context()
        ) { _, _ in StreamingServerResponse<String> { _ in [:] } }
        #expect(observer.heard.isEmpty)
        try await produce(response)
        let outcome = try #require(observer.heard.first)
        #expect((outcome.name, outcome.code, outcome.message) == ("ListContainers", .ok, ""))
        #expect(outcome.method == "runtime.v1.RuntimeService/ListContainers")
        #expect(observer.begun == ["ListContainers from unix:1"])
    }

    @Test func `an error is told with the status that the client gets`() async throws {
        let observer = RecordingObserver()
        let interceptor = RPCObservationInterceptor(observer: observer)
        await #expect(throws: RPCError.self) {
            _ = try await interceptor.intercept(request: request(), context: context()) {
                (_, _) -> StreamingServerResponse<String> in throw DomainError(.notFound, "no such thing")
            }
        }
        let failing = try await interceptor.intercept(request: request(), context: context()) { _, _ in
            StreamingServerResponse<String> { _ in throw DomainError(.unavailable, "half-way") }
        }
        await #expect(throws: RPCError.self) { try await produce(failing) }
        await #expect(throws: RPCError.self) {
            _ = try await interceptor.intercept(request: request(), context: context()) { _, _ in
                StreamingServerResponse<String>(error: RPCError(code: .aborted, message: "refused"))
            }
        }
        let outcomes = observer.heard
        #expect(outcomes.map(\.code) == [.notFound, .unavailable, .aborted])
        #expect(outcomes.map(\.message) == ["no such thing", "half-way", "refused"])
    }

    @Test func `calls are counted by method and status, and while they run`() {
        let counters = RPCCounters()
        func end(_ code: Status.Code, _ seconds: Int) {
            counters.finished(
                RPCOutcome(
                    descriptor: Self.list, peer: "", code: code, message: "", duration: .seconds(seconds)))
        }
        for _ in 0..<3 { counters.started(Self.list, peer: "") }
        end(.ok, 1)
        end(.ok, 3)
        #expect(counters.inFlight == ["ListContainers": 1])
        end(.notFound, 1)
        #expect(counters.inFlight.isEmpty)
        #expect(counters.tallies.count == 2)
        let ok = counters.tallies[RPCCounters.Key(method: "ListContainers", code: .ok)]
        #expect((ok?.calls, ok?.duration, ok?.longest) == (2, .seconds(4), .seconds(3)))
    }

    // MARK: The flight recorder

    private func naming<Input: Sendable>(
        _ input: Input, _ metadata: Metadata = [:]
    ) -> StreamingServerRequest<Input> {
        StreamingServerRequest(
            metadata: metadata,
            messages: RPCAsyncSequence(
                wrapping: AsyncThrowingStream {
                    $0.yield(input)
                    $0.finish()
                }))
    }

    @Test func `a call is recorded with its object, its steps and its end, and with nothing else of it`() async throws {
        let recorder = CallRecorder()
        let interceptor = RPCObservationInterceptor(observer: RPCCounters(), recorder: recorder)
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let stop = Runtime_V1_StopContainerRequest.with { $0.containerID = "abc" }
        let response = try await interceptor.intercept(
            request: naming(stop, ["traceparent": "\(trace)", "authorization": "secret"]),
            context: context(.init(), Self.stop)
        ) { request, _ in
            for try await message in request.messages { #expect(message.containerID == "abc") }
            RecordedCall.current?.step("engine stopContainer", since: .now, code: "ok")
            return StreamingServerResponse<String> { _ in
                RecordedCall.current?.step("engine record", since: .now, code: "ok")
                return [:]
            }
        }
        #expect(recorder.running.map(\.object) == ["abc"])
        try await produce(response)
        let record = try #require(recorder.ended(after: 0, routine: false).calls.first)
        #expect((record.method, record.object, record.code) == ("StopContainer", "abc", "ok"))
        #expect(record.traceparent == trace)
        #expect(record.steps.map(\.name) == ["engine stopContainer", "engine record"])
        #expect(!"\(record)".contains("secret"))
    }

    @Test func `a call is recorded with its container, and with that one's pod as it was when the call came`()
        async throws
    {
        let (pod, container) = (String(repeating: "a", count: 64), String(repeating: "c", count: 64))
        let isThere = Mutex(true)
        let recorder = CallRecorder { id in isThere.withLock { $0 && id == container ? pod : nil } }
        let interceptor = RPCObservationInterceptor(observer: RPCCounters(), recorder: recorder)
        let response = try await interceptor.intercept(
            request: naming(Runtime_V1_StopContainerRequest.with { $0.containerID = container }),
            context: context(.init(), Self.stop)
        ) { request, _ in
            for try await _ in request.messages { isThere.withLock { $0 = false } }
            return StreamingServerResponse<String> { _ in [:] }
        }
        try await produce(response)
        let record = try #require(recorder.ended(after: 0, routine: false).calls.first)
        #expect((record.pod, record.container) == (pod, container))
    }

    @Test func `a failure is recorded as the client gets it, and what only asks is routine`() async throws {
        var limits = CallRecorder.Limits()
        limits.quick = .seconds(3600)
        let recorder = CallRecorder(limits: limits)
        let interceptor = RPCObservationInterceptor(observer: RPCCounters(), recorder: recorder)
        await #expect(throws: RPCError.self) {
            _ = try await interceptor.intercept(request: request(), context: context()) {
                (_, _) -> StreamingServerResponse<String> in throw DomainError(.notFound, "no such thing")
            }
        }
        let fine = try await interceptor.intercept(request: request(), context: context()) { _, _ in
            StreamingServerResponse<String> { _ in [:] }
        }
        try await produce(fine)
        #expect(recorder.ended(after: 0, routine: false).calls.map(\.code) == ["notFound"])
        #expect(recorder.ended(after: 0, routine: false).calls.map(\.error) == ["no such thing"])
        #expect(recorder.ended(after: 0, routine: true).calls.map(\.isRoutine) == [false, true])
        #expect(recorder.running.isEmpty)
    }

    @Test func `what is made has its name, and nothing of its configuration`() throws {
        let read = try #require(RequestObjects.reader(of: Runtime_V1_CreateContainerRequest.self))
        let request = Runtime_V1_CreateContainerRequest.with {
            $0.podSandboxID = "pod"
            $0.config.metadata.name = "main"
            $0.config.envs = [.with { $0.key = "TOKEN" }]
        }
        #expect((read(request).object, read(request).name) == ("pod", "main"))
        #expect(RequestObjects.reader(of: Runtime_V1_ListContainersRequest.self) == nil)
        // A message of another type than was said names nothing.
        #expect(read("text").object.isEmpty)
    }

    // MARK: Cancellation

    @Test func `a call that is cancelled cancels the task that serves it, and waits for its end`() async throws {
        let undone = Mutex(false)
        let error = await #expect(throws: RPCError.self) {
            try await withServerContextRPCCancellationHandle { handle in
                _ = try await CancellationInterceptor().intercept(
                    request: request(), context: context(handle, Self.stop)
                ) {
                    (_, _) -> StreamingServerResponse<String> in
                    handle.cancel()
                    await untilCancelled()
                    undone.withLock { $0 = true }
                    throw CancellationError()
                }
            }
        }
        #expect(error?.code == .cancelled)
        let wasUndone = undone.withLock { $0 }
        #expect(wasUndone)
    }

    @Test func `a stream that is cancelled cancels its producer`() async throws {
        let error = await #expect(throws: RPCError.self) {
            try await withServerContextRPCCancellationHandle { handle in
                let response = try await CancellationInterceptor().intercept(
                    request: request(), context: context(handle, Self.stop)
                ) { _, _ in
                    StreamingServerResponse<String> { _ in
                        handle.cancel()
                        await untilCancelled()
                        throw CancellationError()
                    }
                }
                try await produce(response)
            }
        }
        #expect(error?.code == .cancelled)
    }

    @Test func `a deadline that passed is told from a client that went away`() async throws {
        let error = await #expect(throws: RPCError.self) {
            try await withServerContextRPCCancellationHandle { handle in
                _ = try await CancellationInterceptor().intercept(
                    request: request([CancellationInterceptor.timeoutKey: "0n"]), context: context(handle, Self.stop)
                ) { (_, _) -> StreamingServerResponse<String> in
                    handle.cancel()
                    await untilCancelled()
                    throw CancellationError()
                }
            }
        }
        #expect(error?.code == .deadlineExceeded && CancellationInterceptor.timeoutKey == "rktlet-timeout")
    }

    @Test func `a call that is answered from memory gets no task of its own`() async throws {
        let handle = ServerContext.RPCCancellationHandle()
        let task = withUnsafeCurrentTask { $0?.hashValue }
        _ = try await CancellationInterceptor().intercept(request: request(), context: context(handle)) { _, _ in
            #expect(withUnsafeCurrentTask { $0?.hashValue } == task)
            return StreamingServerResponse<String> { _ in [:] }
        }
    }

    @Test func `a handler finds whether its client's time is up, and the client why its call ended`() async throws {
        typealias Case = (timeout: String?, isShuttingDown: Bool, reason: CallEnding.Reason, code: RPCError.Code)
        let cases: [Case] = [
            (nil, false, .clientGone, .cancelled), ("1H", false, .clientGone, .cancelled),
            ("1n", false, .deadlinePassed, .deadlineExceeded), ("1n", true, .deadlinePassed, .deadlineExceeded),
            (nil, true, .shuttingDown, .unavailable), ("1H", true, .shuttingDown, .unavailable),
        ]
        for (timeout, isShuttingDown, reason, code) in cases {
            let error = await #expect(throws: RPCError.self) {
                try await withServerContextRPCCancellationHandle { handle in
                    _ = try await CancellationInterceptor(isShuttingDown: { isShuttingDown }).intercept(
                        request: request(timeout.map { [CancellationInterceptor.timeoutKey: "\($0)"] } ?? [:]),
                        context: context(handle, Self.stop)
                    ) { (_, _) -> StreamingServerResponse<String> in
                        #expect(!CallDeadline.current.hasPassed())
                        handle.cancel()
                        await untilCancelled()
                        #expect(CallDeadline.current.hasPassed() == (reason == .deadlinePassed))
                        throw CancellationError()
                    }
                }
            }
            #expect(error?.code == code)
        }
    }

    @Test(arguments: [
        (Duration.milliseconds(9400), CallEnding.Reason.deadlinePassed), (.milliseconds(8900), .clientGone),
    ])
    func `a client that gives up at its own deadline is heard a little before it`(
        at: Duration, reason: CallEnding.Reason
    ) {
        let start = ContinuousClock.now
        let ending = CallEnding(timeout: .seconds(10), from: start)
        ending.cancelled(at: start + at)
        #expect(ending.reason == reason)
    }

    @Test func `a call that nobody cancels gives its result`() async throws {
        try await withServerContextRPCCancellationHandle { handle in
            let response = try await CancellationInterceptor().intercept(
                request: request(), context: context(handle, Self.stop)
            ) {
                _, _ in StreamingServerResponse<String> { _ in ["k": "v"] }
            }
            let trailers = try await response.accepted.get().producer(RPCWriter(wrapping: DiscardingWriter()))
            #expect(trailers == ["k": "v"])
        }
    }

    @Test func `the error of a call that nobody cancels passes`() async throws {
        await #expect(throws: DomainError(.notFound, "x")) {
            _ = try await CancellationInterceptor().intercept(request: request(), context: context(.init(), Self.stop))
            {
                (_, _) -> StreamingServerResponse<String> in throw DomainError(.notFound, "x")
            }
        }
    }

    @Test(arguments: [
        ("1H", Duration.seconds(3_600)), ("2M", .seconds(120)), ("3S", .seconds(3)), ("4m", .milliseconds(4)),
        ("5u", .microseconds(5)), ("99999999n", .nanoseconds(99_999_999)),
    ])
    func `timeouts of the protocol`(_ header: String, _ duration: Duration) {
        #expect(CancellationInterceptor.duration(header) == duration)
    }

    @Test(arguments: ["", "S", "1", "-1S", "1x", "123456789S", "1 S"])
    func `what is no timeout is none`(_ header: String) {
        #expect(CancellationInterceptor.duration(header) == nil)
    }

    // MARK: Start

    @Test func `before the pods are known only Version passes; the others wait, and are refused in the end`()
        async throws
    {
        let clock = ManualClock()
        let gate = StartupGate(clock: clock)
        let version = MethodDescriptor(fullyQualifiedService: "runtime.v1.RuntimeService", method: "Version")
        try await pass(gate, context(.init(), version))
        let waiting = Task { try await pass(gate, context()) }
        await clock.sleeper()
        clock.advance(by: .seconds(9))
        #expect(!gate.isOpened)
        clock.advance(by: .seconds(1))
        let error = await #expect(throws: RPCError.self) { try await waiting.value }
        #expect(error?.code == .unavailable)
        gate.open()
        try await pass(gate, context())
    }

    @Test func `a call that waits goes on as soon as the pods are known`() async throws {
        let clock = ManualClock()
        let gate = StartupGate(clock: clock)
        let waiting = Task { try await pass(gate, context()) }
        await clock.sleeper()
        gate.open()
        try await waiting.value
    }

    @Test func `a caller that leaves waits no longer`() async throws {
        let clock = ManualClock()
        let gate = StartupGate(clock: clock)
        let waiting = Task { try await pass(gate, context()) }
        await clock.sleeper()
        waiting.cancel()
        await #expect(throws: RPCError.self) { try await waiting.value }
    }

    private func pass(_ gate: StartupGate, _ context: ServerContext) async throws {
        _ = try await gate.intercept(request: request(), context: context) { _, _ in
            StreamingServerResponse<String> { _ in [:] }
        }
    }
}

/// Returns when the task it runs in is cancelled, without a clock.
private func untilCancelled() async {
    let (never, end) = AsyncStream.makeStream(of: Never.self)
    for await _ in never {}
    end.finish()
}

private final class RecordingObserver: RPCObserver {
    private let starts = Mutex<[String]>([])
    private let outcomes = Mutex<[RPCOutcome]>([])
    var begun: [String] { starts.withLock { $0 } }
    var heard: [RPCOutcome] { outcomes.withLock { $0 } }
    func started(_ method: MethodDescriptor, peer: String) {
        starts.withLock { $0.append("\(method.method) from \(peer)") }
    }
    func finished(_ outcome: RPCOutcome) { outcomes.withLock { $0.append(outcome) } }
}

private struct DiscardingWriter: RPCWriterProtocol {
    func write(_ element: String) async throws {}
    func write(contentsOf elements: some Sequence<String>) async throws {}
}
