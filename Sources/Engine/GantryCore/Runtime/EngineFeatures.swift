import ByteText

/// What this engine can do on this host, in the words of `gantry version`.
package enum EngineFeatures {
    private static let always = [
        "abandon", "app-checkpoint", "attach", "config-stdin", "events", "exec-capture", "exec-sessions", "image-usage",
        "mount-options",
        "oci-runtime", "pod-cleanup", "port-forward", "stop-timeout",
    ]

    /// - Parameter runtime: nil: there is none.
    package static func names(_ runtime: RuntimeDescription?) -> [String] {
        let release = (try? Files.readText("/proc/sys/kernel/osrelease")) ?? ""
        return names(
            release: release, runtime: runtime, hasUserNamespaces: Files.exists("/proc/self/ns/user"),
            hasCRIU: CRIU.executable != nil)
    }

    /// - Parameter release: of the kernel.
    static func names(release: String, runtime: RuntimeDescription?, hasUserNamespaces: Bool, hasCRIU: Bool = false)
        -> [String]
    {
        let kernel = RuntimeDescription.numbers(release)
        var names = always
        // Layers of an overlay that show other ids (Linux 5.19).
        if hasUserNamespaces, kernel >= (5, 19), runtime?.mapsMounts == true { names.append("user-namespaces") }
        // mount_setattr(2) (Linux 5.12).
        if kernel >= (5, 12), runtime?.hasRecursiveReadOnly == true { names.append("recursive-read-only") }
        if hasCRIU, runtime?.canCheckpoint == true { names.append("checkpoint") }
        return names.sorted()
    }

    /// What this host's crun says of itself; nil: not installed, or broken.
    package static func usualRuntime() -> RuntimeDescription? {
        (try? OCIRuntime.usual()).flatMap { try? RuntimeDescription(asking: $0) }
    }
}
