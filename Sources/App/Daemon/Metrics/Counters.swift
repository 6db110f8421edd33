import CRI
import Measures

/// Everything that is counted, for the metrics endpoint.
struct Counters: Sendable {
    let rpcs = RPCCounters()
    let engine = CallCounters(of: "engine")
    let systemd = CallCounters(of: "systemd")
    let images = CallCounters(of: "image")

    var families: [MetricFamily] {
        rpcs.families + [
            engine.family(
                "rktlet_engine_call_duration_seconds", "Time of calls of the pod engine, by call and outcome."),
            systemd.family(
                "rktlet_unit_call_duration_seconds", "Time of starting and stopping units, by call and outcome."),
            images.family("rktlet_image_call_duration_seconds", "Time of image calls, pulls among them, by outcome."),
        ] + ProcessMetrics.families
    }
}
