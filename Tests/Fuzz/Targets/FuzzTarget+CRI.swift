import Domain
import SwiftProtobuf

@testable import CRI

extension FuzzTarget {
    /// Messages of the CRI, and the domain's view of them.
    static let messagesOfCRI = FuzzTarget("cri", longest: 2048) { input in
        guard let first = input.first else { return }
        let bytes = Array(input.dropFirst())
        if first & 1 == 0 {
            guard let wire = try? Runtime_V1_PodSandboxConfig(serializedBytes: bytes),
                let pod = try? PodSandboxConfig(wire: wire, runtimeHandler: "")
            else { return }
            try promise(
                pod.logDirectory.isEmpty || pod.logDirectory.utf8.first == 0x2f, "a log directory that is relative")
            try promise(pod.hostname.utf8.count <= 64, "a name that the kernel does not take")
            let name = Array(pod.hostname.utf8)
            PlantedTrap.here(!pod.portMappings.isEmpty && name.count == 4 && name != Array("host".utf8))
        } else {
            guard let wire = try? Runtime_V1_ContainerConfig(serializedBytes: bytes),
                let container = try? ContainerConfig(wire: wire)
            else { return }
            let steps = container.logPath.utf8.split(separator: 0x2f, omittingEmptySubsequences: false)
            try promise(container.logPath.utf8.first != 0x2f, "a log path that is absolute")
            try promise(!steps.contains { $0.elementsEqual("..".utf8) }, "a log path that leads out")
        }
    }
}
