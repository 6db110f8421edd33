import ByteText
import Domain
import JSON

/// An image's own configuration, in the manifest that rkt has made of it. It is words from outside like a request's: rkt would write them into files of systemd
/// as they are.
struct RktImageConfig: Equatable, Sendable {
    var entrypoint: [String] = []
    /// What follows the entrypoint where a request has neither a command nor arguments.
    var command: [String] = []
    var environment: [EnvironmentVariable] = []
    /// Empty: `/`.
    var workingDirectory = ""
    /// A number, a name, or a path whose owner is meant.
    var user = ""

    init() {}

    /// - Parameter manifest: of an image of rkt's (ACI).
    init(manifest: JSON) {
        let app = manifest["app"] ?? .null
        workingDirectory = app["workingDirectory"]?.stringValue ?? ""
        user = app["user"]?.stringValue ?? ""
        environment = (app["environment"]?.arrayValue ?? []).compactMap { variable in
            guard let name = variable["name"]?.stringValue, let value = variable["value"]?.stringValue else {
                return nil
            }
            return EnvironmentVariable(name: name, value: value)
        }
        let annotations = manifest["annotations"]?.arrayValue ?? []
        func words(_ name: String) -> [String]? {
            let found = annotations.first { $0["name"]?.stringValue?.isSame(as: name) == true }
            guard let text = found?["value"]?.stringValue, let list = (try? JSON(parsing: text))?.arrayValue else {
                return nil
            }
            return list.compactMap(\.stringValue)
        }
        (entrypoint, command) = (words("appc.io/docker/entrypoint") ?? [], words("appc.io/docker/cmd") ?? [])
        // One that was made for rkt has a command and nothing else.
        if entrypoint.isEmpty, command.isEmpty {
            entrypoint = (app["exec"]?.arrayValue ?? []).compactMap(\.stringValue)
        }
    }
}
