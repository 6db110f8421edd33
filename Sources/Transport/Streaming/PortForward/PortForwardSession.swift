import Domain
import NIOCore

/// All connections of one client into one pod; on the client's event loop.
final class PortForwardSession {
    /// So many bytes may wait for the pod, of all connections together.
    private static let limit = 4 << 20
    /// And of one: whoever does not read holds up the others no earlier.
    static let connectionLimit = 1 << 20

    private let pod: PodID
    private let services: SessionServices
    let eventLoop: any EventLoop
    private let link: any Link
    private var waiting = 0
    private var full = 0

    /// The way into the pod, which the first connection opens.
    private var way: Result<any PortForwarding, DomainError>?
    private var waiters: [(Result<any PortForwarding, DomainError>) -> Void] = []
    private var isOver = false
    /// Its end is the end of the watch over the pod.
    private let watching = Latch()

    init(pod: PodID, link: any Link, services: SessionServices) {
        self.pod = pod
        self.link = link
        self.services = services
        eventLoop = link.eventLoop
        watch(until: watching)
    }

    /// What is to be done when the pod is gone, or the server ends: no connection can be made any more.
    var onPodEnd: (DomainError) -> Void = { _ in }

    private func watch(until end: Latch) {
        let me = NIOLoopBound(WeakSession(session: self), eventLoop: eventLoop)
        let (pod, services, eventLoop) = (pod, services, eventLoop)
        services.spawn {
            let error = await withTaskGroup(of: DomainError?.self) { group in
                group.addTask { await services.useCases.portForward.end(of: pod) }
                group.addTask {
                    _ = await end.wait()
                    return nil
                }
                defer { group.cancelAll() }
                return await group.next() ?? nil
            }
            eventLoop.execute {
                me.value.session?.podEnded(
                    error ?? SessionServices.stopping("pod \(pod)"))
            }
        }
    }

    private func podEnded(_ error: DomainError) {
        guard !isOver else { return }
        let podEnded = onPodEnd
        end()
        podEnded(error)
    }

    /// - Parameter then: on the loop, with a connected socket.
    func connect(to port: UInt16, then: @escaping (Result<Int32, DomainError>) -> Void) {
        withWay { [self] way in
            switch way {
            case .failure(let error): then(.failure(error))
            case .success(let way):
                let then = NIOLoopBound(then, eventLoop: eventLoop)
                let eventLoop = eventLoop
                services.spawn {
                    let result = await Result(catching: { () async throws(DomainError) in
                        try await way.connect(to: port)
                    })
                    eventLoop.execute { then.value(result) }
                }
            }
        }
    }

    private func withWay(_ then: @escaping (Result<any PortForwarding, DomainError>) -> Void) {
        if let way { return then(way) }
        waiters.append(then)
        guard waiters.count == 1 else { return }
        let me = NIOLoopBound(self, eventLoop: eventLoop)
        let (pod, services, eventLoop) = (pod, services, eventLoop)
        services.spawn {
            let result = await Result(catching: { () async throws(DomainError) in
                try await services.useCases.portForward.open(into: pod)
            })
            eventLoop.execute { me.value.opened(result) }
        }
    }

    private func opened(_ result: Result<any PortForwarding, DomainError>) {
        if isOver, case .success(let way) = result { way.close() }
        // One that failed may be tried again.
        if case .success = result { way = result }
        let waiters = waiters
        self.waiters = []
        for waiter in waiters { waiter(result) }
    }

    func end() {
        isOver = true
        onPodEnd = { _ in }
        watching.open()
        if case .success(let way) = way { way.close() }
    }

    /// More bytes wait for the pod, or fewer.
    func account(_ change: Int, full change2: Int) {
        waiting += change
        full += change2
        link.isReading = isOver || (waiting < Self.limit && full == 0)
    }
}

private struct WeakSession {
    weak var session: PortForwardSession?
}
