import ByteText
import Domain

/// What the engine says of an object, in the daemon's words.
enum EngineWords {
    /// Begins with the object, and names it once: the engine calls a container an app, and a pod by its UUID.
    ///
    /// - Parameter object: `container ID`, `pod ID`, or another.
    static func told(_ message: String, about object: String) -> String {
        guard !message.begins(with: "\(object): ") else { return message }
        guard let name = name(of: object) else { return "\(object): \(message)" }
        if let rest = message.without(prefix: "\(name): ") { return "\(object): \(rest)" }
        return "\(object): \(message.replacing(text: name, with: "it"))"
    }

    private static func name(of object: String) -> String? {
        if let id = object.without(prefix: "container ") { return "app \(id)" }
        guard let id = object.without(prefix: "pod "), let pod = PodID(String(id)) else { return nil }
        return "pod \(EngineUUID(pod))"
    }
}
