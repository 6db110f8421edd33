/// What the builder asks of the host, so that it can be asked of a made-up one.
package protocol SpecHost {
    /// The path with every symbolic link followed and what it is; nil where there is nothing.
    func resolve(_ path: String) throws(EngineError) -> HostPath?
    /// What is at `path` below the directory `root`, out of which no link leads; a link there is not followed. Nil where there is nothing.
    func entry(_ path: String, in root: String) throws(EngineError) -> HostEntry?
    /// The device node; nil where `path` is none.
    func device(_ path: String) throws(EngineError) -> DeviceNode?
    /// Every device node below a directory, at any depth; links are not followed.
    func devices(below directory: String) throws(EngineError) -> [DeviceNode]
    /// The whole file; nil where there is none.
    func read(_ path: String) throws(EngineError) -> [UInt8]?
    /// Names in a directory, in order; empty where there is none.
    func list(_ directory: String) throws(EngineError) -> [String]
    /// How the mount that `path` (resolved) is on passes mounts on.
    func propagation(of path: String) throws(EngineError) -> MountPropagation
    /// What the mount that `path` (resolved) is on denies, in the words of mount(8): `ro`, `nosuid`, `nodev`, `noexec`, and how it keeps times of access.
    func restrictions(of path: String) throws(EngineError) -> [String]
}

/// A resolved path of the host.
package struct HostPath: Equatable, Sendable {
    package var path: String
    package var isDirectory: Bool

    package init(path: String, isDirectory: Bool) {
        self.path = path
        self.isDirectory = isDirectory
    }
}

/// What a name stands for.
package enum HostEntry: Equatable, Sendable {
    case directory
    /// With its target.
    case link(String)
    case other
}

/// The flags of a mount in /proc/self/mountinfo.
package struct MountPropagation: Equatable, Sendable {
    package var mountPoint: String
    package var isShared: Bool
    package var isSlave: Bool

    package init(mountPoint: String, isShared: Bool, isSlave: Bool) {
        self.mountPoint = mountPoint
        self.isShared = isShared
        self.isSlave = isSlave
    }
}

/// A device node.
package struct DeviceNode: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case character = "c"
        case block = "b"
    }

    package var path: String
    package var kind: Kind
    package var major: Int64
    package var minor: Int64
    /// Permission bits.
    package var mode: Int64
    package var uid: Int64
    package var gid: Int64

    package init(path: String, kind: Kind, major: Int64, minor: Int64, mode: Int64, uid: Int64, gid: Int64) {
        self.path = path
        self.kind = kind
        self.major = major
        self.minor = minor
        self.mode = mode
        self.uid = uid
        self.gid = gid
    }
}
