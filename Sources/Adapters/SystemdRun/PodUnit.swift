import ByteText
import Domain
import Systemd

/// How a pod's unit is called and described, and which pod a unit is.
///
/// The name has the beginning of the pod's id, the description ends with the whole of it: `Pod default/web (3f2c…)`.
struct PodUnit {
    let prefix: String

    func name(of pod: PodID) -> String { pod.unitName(prefix: prefix) }

    /// What an older daemon called it.
    func olderName(of pod: PodID) -> String { "\(prefix)\(pod).service" }

    func description(of pod: PodID, _ metadata: PodSandboxMetadata) -> String {
        "Pod \(metadata.namespace)/\(metadata.name) (\(pod))"
    }

    /// Nil for a unit that is no pod, and for one whose description tells of another pod than its name.
    func pod(of unit: UnitSummary) -> PodID? {
        guard let digits = unit.name.without(prefix: prefix)?.without(suffix: ".service") else { return nil }
        if let pod = PodID(String(digits)) { return pod }
        guard let (_, id) = unit.description.without(suffix: ")")?.cutLast(at: "("), let pod = PodID(String(id)),
            unit.name.isSame(as: name(of: pod))
        else { return nil }
        return pod
    }
}
