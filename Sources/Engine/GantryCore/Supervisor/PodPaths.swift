/// The names in a pod's run directory, `<run-dir>/engine/<uuid>`.
package struct PodPaths: Equatable, Sendable {
    package let root: String

    package init(root: String) { self.root = root }

    package var namespaces: String { root + "/ns" }
    package var sharedMemory: String { root + "/shm" }
    package var apps: String { root + "/apps" }

    package func app(_ name: AppName) -> AppPaths { AppPaths(root: "\(apps)/\(name)") }
}

/// The names in an app's run directory.
package struct AppPaths: Equatable, Sendable {
    package let root: String

    package var bundle: String { root + "/bundle" }
    package var spec: String { bundle + "/config.json" }
    /// The process of `spec`, which commands are made from.
    package var process: String { root + "/process.json" }
    /// In the bundle: crun finds it by its name there, without the way through the directories above, which are root's alone.
    package var rootfs: String { "\(bundle)/\(Self.rootfsName)" }
    static let rootfsName = "rootfs"
    package var initPID: String { root + "/init.pid" }
    package var crunLog: String { root + "/crun.log" }
    package var console: String { root + "/console.sock" }
    package func image(_ index: Int) -> String { "\(root)/image-\(index)" }
}
