import ByteText
import Domain
import JSON

extension ContainerEvent {
    /// `ContainerEventResponse`; an event of a pod has the pod's id for the container's.
    func write(_ json: inout JSONText) {
        json.object { json in
            json.member("containerId", objectID)
            json.member("containerEventType", kind.jsonName)
            json.member("createdAt", quoted: at.nanoseconds)
            if let pod { json.member("podSandboxStatus") { pod.writeStatus(&$0) } }
            json.member("containersStatuses") { json in json.array(containers) { $1.writeStatus(&$0) } }
        }
    }
}

extension ContainerEvent.Kind {
    var jsonName: String { "CONTAINER_\(rawValue.uppercasedASCII)_EVENT" }
}
