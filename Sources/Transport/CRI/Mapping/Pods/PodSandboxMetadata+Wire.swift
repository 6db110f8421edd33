import Domain

extension PodSandboxMetadata {
    /// - Throws: `invalidArgument` for a name, uid or namespace that is empty, too long or not printable.
    package init(wire: Runtime_V1_PodSandboxMetadata, at path: FieldPath) throws(DomainError) {
        self.init(
            name: try path.field("name").name(wire.name),
            uid: try path.field("uid").name(wire.uid),
            namespace: try path.field("namespace").name(wire.namespace),
            attempt: wire.attempt
        )
    }

    package var wire: Runtime_V1_PodSandboxMetadata {
        .with {
            $0.name = name
            $0.uid = uid
            $0.namespace = namespace
            $0.attempt = attempt
        }
    }
}
