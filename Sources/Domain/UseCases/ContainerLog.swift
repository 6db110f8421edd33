/// What a container wrote.
///
/// What must always hold: following ends by itself when the container has exited and its last line was read.
package struct ContainerLog: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Throws: `notFound` for the container; `failedPrecondition` when it logs nowhere.
    package func callAsFunction(
        _ id: ContainerID, _ query: LogQuery
    ) throws(DomainError) -> AsyncThrowingStream<[LogLine], any Error> {
        // Subscribed to before its state is read: an exit in between is not missed.
        let events = query.follow ? context.index.events.subscribe() : nil
        guard let container = context.index.container(id) else {
            throw DomainError(.notFound, "container \(id) does not exist")
        }
        guard !container.logPath.isEmpty else {
            throw DomainError(
                .failedPrecondition,
                "container \(id) has no log: it was made without log_path, or its pod without log_directory")
        }
        return context.ports.logs.lines(of: container.logPath, query, ended: ended(container, events))
    }

    /// Finishes when the container will write nothing any more.
    private func ended(
        _ container: Container, _ events: AsyncThrowingStream<ContainerEvent, any Error>?
    ) -> AsyncStream<Never> {
        let (ended, end) = AsyncStream.makeStream(of: Never.self)
        guard let events, container.state != .exited else {
            end.finish()
            return ended
        }
        let watch = Task { [index = context.index] in
            var events = events
            // A subscription that ends was too slow: the state is read anew, and the events from then on.
            while index.container(container.id).map({ $0.state != .exited }) ?? false {
                do {
                    for try await event in events
                    where event.objectID == container.id.rawValue && (event.kind == .stopped || event.kind == .deleted)
                    {
                        break
                    }
                } catch {}
                if Task.isCancelled || index.events.isClosed { break }
                events = index.events.subscribe()
            }
            end.finish()
        }
        end.onTermination = { _ in watch.cancel() }
        return ended
    }
}
