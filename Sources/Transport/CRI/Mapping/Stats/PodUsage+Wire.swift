import Domain

extension PodUsage {
    package var wire: Runtime_V1_PodSandboxStats {
        .with {
            $0.attributes.id = pod.id.rawValue
            $0.attributes.metadata = pod.config.metadata.wire
            $0.attributes.labels = pod.config.labels
            $0.attributes.annotations = pod.config.annotations
            $0.linux.containers = containers.map(\.wire)
            if let network { $0.linux.network = network.wire }
            guard let usage else { return }
            if let cpu = usage.wireCPU(nanoCores) { $0.linux.cpu = cpu }
            if let memory = usage.wireMemory { $0.linux.memory = memory }
            if let process = usage.wireProcess { $0.linux.process = process }
            if let io = usage.wireIO { $0.linux.io = io }
        }
    }
}

extension NetworkUsage {
    fileprivate var wire: Runtime_V1_NetworkUsage {
        .with {
            $0.timestamp = at.nanoseconds
            // The kubelet takes it for granted.
            $0.defaultInterface = main.wire
            $0.interfaces = others.map(\.wire)
        }
    }
}

extension InterfaceUsage {
    fileprivate var wire: Runtime_V1_NetworkInterfaceUsage {
        .with {
            $0.name = name
            $0.rxBytes.value = received.bytes
            $0.rxErrors.value = received.errors
            $0.txBytes.value = sent.bytes
            $0.txErrors.value = sent.errors
        }
    }
}
