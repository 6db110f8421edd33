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
    package init(json: JSON) throws(EngineError) {
        var reader = try ObjectReader(json, path: "image config")
        user = try reader.string("User")
        env = try reader.strings("Env")
        entrypoint = try reader.strings("Entrypoint")
        cmd = try reader.strings("Cmd")
        workingDir = try reader.string("WorkingDir")
        stopSignal = try reader.string("StopSignal")
        volumes = (reader.take("Volumes")?.objectValue ?? [:]).keys.sorted()
        os = try reader.string("os")
        architecture = try reader.string("architecture")
    }
}
