/// What happens to pods and containers from now on (CRI `GetContainerEvents`).
///
/// What must always hold: events come in the order of the changes, once each, after the state is durable; a slow subscriber never
/// blocks others: its stream ends with `resourceExhausted` and it subscribes again.
package struct ContainerEvents: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    package func callAsFunction() -> AsyncThrowingStream<ContainerEvent, any Error> {
        context.index.events.subscribe()
    }
}
