import Domain

extension ContainerFilter {
    /// - Throws: `invalidArgument` for a state that this version does not know.
    package init(wire: Runtime_V1_ContainerFilter, at path: FieldPath = FieldPath("filter")) throws(DomainError) {
        self.init()
        id = wire.id
        podID = wire.podSandboxID
        labels = wire.labelSelector
        guard wire.hasState else { return }
        switch wire.state.state {
        case .containerCreated: state = .created
        case .containerRunning: state = .running
        case .containerExited: state = .exited
        case .containerUnknown: state = .unknown
        case .UNRECOGNIZED(let value): throw path.field("state").field("state").unknownValue(value)
        }
    }
}
