import Domain

extension PodSandboxFilter {
    /// - Throws: `invalidArgument` for a state that this version does not know.
    package init(wire: Runtime_V1_PodSandboxFilter, at path: FieldPath = FieldPath("filter")) throws(DomainError) {
        self.init()
        id = wire.id
        labels = wire.labelSelector
        guard wire.hasState else { return }
        switch wire.state.state {
        case .sandboxReady: state = .ready
        case .sandboxNotready: state = .notReady
        case .UNRECOGNIZED(let value): throw path.field("state").field("state").unknownValue(value)
        }
    }
}
