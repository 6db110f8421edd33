import CGantry

/// Does work beside the loop and goes on, on the loop, with what came of it.
package final class Offload {
    private let loop: EventLoop
    private let completions: Completions
    private var waiting: [UInt64: (any Sendable) -> Void] = [:]
    private var nextTicket: UInt64 = 0

    package init(loop: EventLoop) throws(EngineError) {
        self.loop = loop
        completions = try Completions()
        try loop.watch(completions.wakeDescriptor, .read, "results") { [unowned self] in deliver() }
    }

    deinit { loop.unwatch(completions.wakeDescriptor) }

    /// Has `worker` do the job after those that it has; `then` is called on the loop, once, in a step of its own.
    package func run<Value: Sendable>(
        _ worker: Worker, _ name: StaticString, _ job: @escaping @Sendable () -> Value,
        then completion: @escaping (Value) -> Void
    ) {
        nextTicket += 1
        let ticket = nextTicket
        waiting[ticket] = { [loop] value in
            guard let value = value as? Done<Value> else { return }
            loop.soon(name) { completion(value.value) }
        }
        let completions = completions
        let isServed = worker.add { completions.put(.init(ticket: ticket, value: Done(job()))) }
        if !isServed { runHere(worker) }
    }

    /// Has a thread of its own do the job, with no descriptors but the standard ones and those in `kept`; with false, here and now, where
    /// there is no thread to be had.
    func apart<Value: Sendable>(
        _ name: StaticString, keeping kept: [Int32], _ job: @escaping @Sendable (_ isApart: Bool) -> Value,
        then completion: @escaping (Value) -> Void
    ) {
        nextTicket += 1
        let ticket = nextTicket
        waiting[ticket] = { [loop] value in
            guard let value = value as? Done<Value> else { return }
            loop.soon(name) { completion(value.value) }
        }
        let completions = completions
        let context = Unmanaged.passRetained(
            ApartJob { isApart in completions.put(.init(ticket: ticket, value: Done(job(isApart)))) })
        let all = kept + [completions.wakeDescriptor]
        let result = gantry_thread_apart(
            { context in
                guard let context else { return }
                Unmanaged<ApartJob>.fromOpaque(context).takeRetainedValue().body(true)
            }, context.toOpaque(), all, all.count)
        if result != 0 { context.takeRetainedValue().body(false) }
    }

    private final class ApartJob: Sendable {
        let body: @Sendable (Bool) -> Void
        init(_ body: @escaping @Sendable (Bool) -> Void) { self.body = body }
    }

    /// A result, whatever its type; also one that is nil.
    private final class Done<Value: Sendable>: Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }

    /// The same for a job that may fail.
    package func attempt<Value: Sendable>(
        _ worker: Worker, _ name: StaticString, _ job: @escaping @Sendable () throws(EngineError) -> Value,
        then completion: @escaping (Result<Value, EngineError>) -> Void
    ) {
        run(worker, name, { Result { () throws(EngineError) in try job() } }, then: completion)
    }

    /// Has `worker` let go of something large: that takes time, too.
    package func discard<Value: Sendable>(_ worker: Worker, _ value: consuming Value) {
        let held = [value]
        if !worker.add({ withExtendedLifetime(held) {} }) { runHere(worker) }
    }

    /// The same for a job that may wait for a disk longer than others may wait for it: after `limit` nanoseconds `completion` gets nil. The job
    /// goes on, and so does whoever waits for the same worker.
    package func run<Value: Sendable>(
        _ worker: Worker, _ name: StaticString, within limit: Int64, _ job: @escaping @Sendable () -> Value,
        then completion: @escaping (Value?) -> Void, late: @escaping (Value) -> Void = { _ in }
    ) {
        var isOver = false
        let timer = loop.after(limit) {
            isOver = true
            completion(nil)
        }
        run(worker, name, job) { value in
            if isOver { return late(value) }
            timer.cancel()
            completion(value)
        }
    }

    /// How many jobs have not been told of.
    package var pending: Int { waiting.count }

    // Better slow than not at all: the very process that has the pod at its limit may have to be ended.
    private func runHere(_ worker: Worker) {
        loop.soon("work without a thread") { [unowned self] in
            if worker.runHere() { runHere(worker) }
        }
    }

    private func deliver() {
        for result in completions.take() { waiting.removeValue(forKey: result.ticket)?(result.value) }
    }
}
