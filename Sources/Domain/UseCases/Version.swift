/// Who answers (CRI `VersionResponse`); no field is ever empty.
package struct RuntimeVersion: Hashable, Sendable {
    /// The version of the kubelet's runtime API, a constant of its past.
    package var version: String
    package var runtimeName: String
    package var runtimeVersion: String
    package var runtimeAPIVersion: String

    package init(version: String, runtimeName: String, runtimeVersion: String, runtimeAPIVersion: String) {
        self.version = version
        self.runtimeName = runtimeName
        self.runtimeVersion = runtimeVersion
        self.runtimeAPIVersion = runtimeAPIVersion
    }
}

/// Tells who answers. No I/O: it is asked before anything else works.
package struct Version: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    package func callAsFunction() -> RuntimeVersion {
        RuntimeVersion(
            version: "0.1.0", runtimeName: "rktlet", runtimeVersion: context.settings.runtimeVersion,
            runtimeAPIVersion: "v1")
    }
}
