/// One call as the flight recorder knows it: who was asked for what, when, how long it took and what came of it. Never what it carried: no
/// body, no environment, no secret.
package struct CallRecord: Hashable, Sendable {
    /// By which door it came.
    package enum Transport: String, Sendable {
        case grpc, http
    }

    /// Something that the daemon asked others for on behalf of the call.
    package struct Step: Hashable, Sendable {
        /// `systemd launch`, `engine addContainer`, `image pull`.
        package var name: String
        /// Since the call began.
        package var start: Duration
        package var duration: Duration
        /// `ok`, or how it failed.
        package var code: String
    }

    /// In the order of their ends, from 1 on; 0 for one that runs.
    package var number: UInt64
    package var transport: Transport
    /// `RunPodSandbox`; `GET /v1/pods/{pod}`, and with its whole path for as long as it runs.
    package var method: String
    /// The id or the reference that it is about, as far as it names one; of what it made, that thing's.
    package var object: String
    /// The whole id of the pod that it is about, also where it is about a container of it; empty when it is about none, or none is known.
    package var pod: String
    /// The whole id of the container that it is about, or has made; empty when it is about none.
    package var container: String
    /// The name of what it makes: `namespace/name` of a pod, a container's.
    package var name: String
    /// Nanoseconds since the epoch.
    package var startedAt: Int64
    /// So far, for one that runs.
    package var duration: Duration
    package var isRunning: Bool
    /// `ok`, `notFound`; of HTTP the status. Empty for one that runs.
    package var code: String
    package var hasFailed: Bool
    /// Its beginning; empty when all went well.
    package var error: String
    /// The caller's own, as W3C's Trace Context has it; nil when it sent none that is one.
    package var traceparent: String?
    /// The first of them, in the order of their ends.
    package var steps: [Step]
    package var stepsLeftOut: Int
    /// It changes nothing.
    package var onlyAsks: Bool
    /// It asked only, went well and was quick: of those there are very many.
    package var isRoutine: Bool
}
