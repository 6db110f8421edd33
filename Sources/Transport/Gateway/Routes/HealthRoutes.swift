import Domain
import HTTPTypes
import Hummingbird
import JSON
import Measures

/// Whether the daemon lives, whether it can run pods, and its numbers.
struct HealthRoutes {
    let useCases: UseCases
    let hub: EventHub
    let counters: RequestCounters
    let isServing: @Sendable () -> Bool
    /// What others count: RPCs, engine calls, the process.
    let otherMetrics: @Sendable () -> [MetricFamily]

    func add(to table: inout RouteTable) {
        table.get("/healthz") { request, _ in
            _ = try QueryReader(request.uri.query, known: [])
            return Response(
                status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: .init(string: "ok\n")))
        }
        table.get("/readyz") { request, context in
            _ = try QueryReader(request.uri.query, known: [])
            return await readiness(to: context.standing)
        }
        table.get("/metrics") { request, _ in
            _ = try QueryReader(request.uri.query, known: [])
            let subscribers = MetricFamily(
                "rktlet_gateway_event_subscribers", .gauge, "Clients that listen to events.",
                value: Double(hub.subscriberCount))
            let families =
                await NodeMetrics(useCases: useCases).families + counters.families + [subscribers] + otherMetrics()
            return Response(
                status: .ok, headers: [.contentType: MetricsText.mediaType],
                body: .init(byteBuffer: .init(string: MetricsText.render(families))))
        }
        table.get("/metrics/pods") { request, _ in
            _ = try QueryReader(request.uri.query, known: [])
            let families = PodMetricFamilies.of(await useCases.podSandboxMetrics())
            return Response(
                status: .ok, headers: [.contentType: MetricsText.mediaType],
                body: .init(byteBuffer: .init(string: MetricsText.render(families))))
        }
    }

    /// A stranger is told what is missing, and not the words about it: they have paths and names in them.
    private func readiness(to standing: AccessPolicy.Standing) async -> Response {
        var missing: [RuntimeCondition] = []
        if isServing() {
            missing = await useCases.runtimeStatus().conditions.filter { !$0.status }
        } else {
            missing = [
                RuntimeCondition(
                    type: "Started", status: false, reason: "Starting", message: "rktlet reads which pods there are")
            ]
        }
        if standing == .stranger { missing = missing.map(\.withoutMessage) }
        return .json(missing.isEmpty ? .ok : .serviceUnavailable) { json in
            json.object { json in
                json.member("ready", missing.isEmpty)
                json.member("reasons") { json in json.array(missing) { $1.write(&$0) } }
            }
        }
    }
}

extension RuntimeCondition {
    fileprivate var withoutMessage: RuntimeCondition {
        RuntimeCondition(type: type, status: status, reason: reason, message: "")
    }
}
