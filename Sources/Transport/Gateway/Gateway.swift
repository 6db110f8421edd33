import CallRecords
import Domain
import Hummingbird
import Logging
import Measures
import ServiceLifecycle
import Streaming

/// The JSON gateway: the use-cases as an HTTP API, a page for people, and metrics.
package struct Gateway: Sendable {
    package let hub: EventHub
    package let followers: CallFollowers
    private let routes: RouterResponder<GatewayContext>
    private let counters: RequestCounters
    private let isServing: @Sendable () -> Bool
    /// The sessions of clients that came by one of its doors; to be run.
    package let sessions: GuestSessions

    /// - Parameters:
    ///   - now: the time of day, for "since 15m".
    ///   - recorder: keeps the calls of both transports; those of this one are recorded here.
    ///   - isServing: false until the pods are known.
    ///   - metrics: what others count.
    package init(
        useCases: UseCases, now: @escaping @Sendable () -> Timestamp, recorder: CallRecorder = CallRecorder(),
        isServing: @escaping @Sendable () -> Bool = { true }, metrics: @escaping @Sendable () -> [MetricFamily] = { [] }
    ) {
        hub = EventHub(useCases: useCases)
        followers = CallFollowers(recorder: recorder)
        counters = RequestCounters()
        self.isServing = isServing
        sessions = GuestSessions(useCases: useCases)
        var table = RouteTable()
        RuntimeRoutes(useCases: useCases).add(to: &table)
        PodRoutes(useCases: useCases).add(to: &table)
        StoryRoutes(useCases: useCases).add(to: &table)
        ContainerRoutes(useCases: useCases).add(to: &table)
        SessionRoutes(useCases: useCases, sessions: sessions).add(to: &table)
        LogRoutes(useCases: useCases, now: now).add(to: &table)
        StatsRoutes(useCases: useCases).add(to: &table)
        ImageRoutes(useCases: useCases).add(to: &table)
        EventRoutes(hub: hub).add(to: &table)
        CallRoutes(followers: followers).add(to: &table)
        HealthRoutes(
            useCases: useCases, hub: hub, counters: counters, isServing: isServing, otherMetrics: metrics
        ).add(to: &table)
        DocumentRoutes().add(to: &table)
        TerminalRoutes().add(to: &table)
        routes = table.responder()
    }

    /// Answers those who come in by one door; what is counted and bounded is so for all doors together.
    package func responder(_ access: AccessPolicy) -> GatewayResponder {
        GatewayResponder(
            routes: routes, access: access, counters: counters, recorder: followers.recorder,
            sessions: sessions, isServing: isServing)
    }
}
