import Domain

/// What runs as the main process of a pod's unit: an engine's `app sandbox`.
package protocol SandboxProgram: Sendable {
    /// Makes what the program needs (a configuration file) and says how it is called.
    func prepare(_ pod: PodID, config: PodSandboxConfig, unit: String) async throws(DomainError) -> SandboxInvocation

    /// Lets go of what `prepare` made. Called once the start is over, whatever came of it.
    func discard(_ invocation: SandboxInvocation) async

    /// Why the program says the pod's start failed; nil when it left nothing.
    func failure(of pod: PodID) async -> DomainError?
}

/// How a pod's main process is called.
package struct SandboxInvocation: Equatable, Sendable {
    /// The program (absolute) and its arguments.
    package var command: [String]
    /// The whole environment.
    package var environment: [String: String]
    /// Runs after the unit has stopped, for whatever reason; empty: nothing.
    package var cleanup: [String]
    /// Files with the request in them, to be removed when the start is over.
    package var files: [String]
    /// `main`, `all`: who may say that the pod is ready (systemd.service(5), NotifyAccess=).
    package var notifyAccess: String

    package init(
        command: [String], environment: [String: String], cleanup: [String] = [], files: [String] = [],
        notifyAccess: String = "main"
    ) {
        self.command = command
        self.environment = environment
        self.cleanup = cleanup
        self.files = files
        self.notifyAccess = notifyAccess
    }
}
