import Domain

extension ContainerUsage {
    /// What the kernel does not count here is left out.
    package var wire: Runtime_V1_ContainerStats {
        .with {
            $0.attributes.id = container.id.rawValue
            $0.attributes.metadata = container.config.metadata.wire
            $0.attributes.labels = container.config.labels
            $0.attributes.annotations = container.config.annotations
            if let cpu = usage.wireCPU(nanoCores) { $0.cpu = cpu }
            if let memory = usage.wireMemory { $0.memory = memory }
            if let swap = usage.wireSwap { $0.swap = swap }
            if let io = usage.wireIO { $0.io = io }
            if let writableLayer { $0.writableLayer = writableLayer.wire }
        }
    }
}
