import Domain

extension ContainerFilter {
    package init(stats wire: Runtime_V1_ContainerStatsFilter) {
        self.init()
        id = wire.id
        podID = wire.podSandboxID
        labels = wire.labelSelector
    }
}

extension PodSandboxFilter {
    package init(stats wire: Runtime_V1_PodSandboxStatsFilter) {
        self.init()
        id = wire.id
        labels = wire.labelSelector
    }
}
