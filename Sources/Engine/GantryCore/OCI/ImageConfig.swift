import ByteText
import JSON

/// What an image's configuration says about running it (OCI image specification 1.0, *config*), with `os` and
/// `architecture` beside. It comes from a registry: types are checked, nothing is trusted.
package struct ImageConfig: Equatable, Sendable {
    package var user = ""
    package var env: [String] = []
    package var entrypoint: [String] = []
    package var cmd: [String] = []
    package var workingDir = ""
    package var stopSignal = ""
    package var volumes: [String] = []
    package var os = ""
    package var architecture = ""

    package init() {}

    /// `json` is the `config` object, in which `os` and `architecture` may stand too.
    /// - Throws: `invalid`, also for what is more than is taken of an image.
    package init(json: JSON, _ limits: ImageLimits = .standard) throws(EngineError) {
        var reader = try ObjectReader(json, path: "image config")
        user = try reader.string("User")
        env = try reader.strings("Env")
        entrypoint = try reader.strings("Entrypoint")
        cmd = try reader.strings("Cmd")
        workingDir = try reader.string("WorkingDir")
        stopSignal = try reader.string("StopSignal")
        volumes = try reader.members("Volumes").keys.sorted()
        os = try reader.string("os")
        architecture = try reader.string("architecture")
        try check(limits)
    }

    private func check(_ limits: ImageLimits) throws(EngineError) {
        try Self.check(user, limits.userBytes, "its user")
        try Self.check(workingDir, limits.pathBytes, "its working directory")
        try Self.check(stopSignal, limits.signalBytes, "its stop signal")
        guard env.count <= limits.environment else { throw .beyond(limits.environment, "environment variables") }
        guard env.map(\.utf8.count).saturatingSum <= limits.environmentBytes else {
            throw .beyond(limits.environmentBytes, "bytes of environment variables")
        }
        let arguments = entrypoint + cmd
        guard arguments.count <= limits.arguments else {
            throw .beyond(limits.arguments, "words in its entry point and command")
        }
        guard arguments.map(\.utf8.count).saturatingSum <= limits.argumentBytes else {
            throw .beyond(limits.argumentBytes, "bytes in its entry point and command")
        }
        guard volumes.count <= limits.volumes else { throw .beyond(limits.volumes, "volumes") }
        for volume in volumes { try Self.check(volume, limits.pathBytes, "a volume's path") }
        let directories = volumes.map { $0.utf8.split(separator: UInt8(ascii: "/")).count }.saturatingSum
        guard directories <= limits.volumeDirectories else {
            throw .beyond(limits.volumeDirectories, "directories in its volumes' paths")
        }
    }

    private static func check(_ text: String, _ limit: Int, _ what: String) throws(EngineError) {
        guard text.utf8.count <= limit else { throw .beyond(limit, "bytes in \(what)") }
    }

    /// The members of a `config` object that are read here: the others may be of any size.
    package static func needed(of config: [String: JSON]) -> [String: JSON] {
        config.filter { member in
            ["User", "Env", "Entrypoint", "Cmd", "WorkingDir", "StopSignal", "Volumes"].contains(member.key)
        }
    }
}
