import ByteText

/// Something that was written down about a pod when it happened.
package struct HistoryLine: Hashable, Sendable {
    package enum Source: String, Sendable {
        /// This daemon, or one before it.
        case daemon
        /// The pod's unit: its supervisor, and the plugins and runtimes that it calls.
        case unit
        /// systemd, about the unit.
        case systemd
    }

    /// A call that has ended, as the daemon wrote it down.
    package struct Call: Hashable, Sendable {
        /// `StopPodSandbox`, `POST /v1/pods/{pod}/stop`.
        package var method: String
        package var code: String
        package var hasFailed: Bool
        package var milliseconds: String
        /// What it took its time for: `systemd launch 40 ms, engine list 2 ms`; may be empty.
        package var steps: String
        /// What it made, or was about: a name or an image; may be empty.
        package var name: String
        /// Nil when it was about the pod.
        package var container: ContainerID?
        package var error: String

        package init(
            method: String, code: String = "ok", hasFailed: Bool = false,
            milliseconds: String = "", steps: String = "", name: String = "", container: ContainerID? = nil,
            error: String = ""
        ) {
            self.method = method
            self.code = code
            self.hasFailed = hasFailed
            self.milliseconds = milliseconds
            self.steps = steps
            self.name = name
            self.container = container
            self.error = error
        }

        /// Whether what this call is called by is the name of the pod that it makes.
        package static func makesPod(_ method: String) -> Bool {
            method.isSame(as: "RunPodSandbox") || method.isSame(as: "POST /v1/pods")
        }
    }

    package var at: Timestamp
    package var source: Source
    package var isProblem: Bool
    package var text: String
    package var call: Call?

    package init(at: Timestamp, source: Source, isProblem: Bool = false, text: String, call: Call? = nil) {
        self.at = at
        self.source = source
        self.isProblem = isProblem
        self.text = text
        self.call = call
    }
}
