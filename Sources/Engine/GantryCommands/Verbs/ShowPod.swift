import GantryCore
import Glibc

/// Prints one pod, once it is ready where that is asked for.
struct ShowPod: Verb, Equatable {
    static let title = "status"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String
    /// How long to wait until the pod is ready, or has ended.
    var waitReady: DurationArgument?

    func perform() throws(EngineError) {
        let store = context.store
        let uuid = try resolve()
        let record = if let waitReady { try wait(store, uuid, for: waitReady) } else { try store.record(uuid) }
        guard context.format == .table else { return Output.print(record.json) }
        for line in RecordText.lines(of: record.json, without: ["apps", "app_names"]) { Output.print(line) }
        for app in record.apps {
            let exit = app.exitCode.map { " (\($0), \(app.reason))" } ?? ""
            Output.print("app \(app.name): \(app.state.rawValue)\(exit)")
        }
    }

    /// Of a pod that the disk had no room for, why that is so stands for "not found".
    private func resolve() throws(EngineError) -> PodUUID {
        do throws(EngineError) {
            return try context.store.resolve(pod)
        } catch {
            guard error.code == .notFound, let uuid = PodUUID(pod),
                let failure = context.store.keptFailures.failure(of: uuid)
            else { throw error }
            throw failure
        }
    }

    /// Looks again at every event; a supervisor that was killed leaves none, so once a second as well.
    private func wait(_ store: PodStore, _ uuid: PodUUID, for duration: DurationArgument) throws(EngineError)
        -> PodRecord
    {
        let (deadline, overflow) = Clock.monotonic().addingReportingOverflow(duration.nanoseconds)
        let events = try EventWatch(runDir: store.runDir)
        while true {
            events.clear()
            let record = try store.record(uuid)
            if record.state != .preparing { return record }
            let left = overflow ? Int64.max : deadline - Clock.monotonic()
            guard left > 0 else { throw EngineError(.deadline, "pod \(uuid): is not ready after \(duration.duration)") }
            var event = pollfd(fd: events.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&event, 1, Int32(min(left / 1_000_000 + 1, 1000)))
        }
    }
}
