import Domain

extension RuntimeCondition {
    package var wire: Runtime_V1_RuntimeCondition {
        .with {
            $0.type = type
            $0.status = status
            $0.reason = reason
            $0.message = message
        }
    }
}

extension RuntimeHandler {
    package var wire: Runtime_V1_RuntimeHandler {
        .with {
            $0.name = name
            $0.features.recursiveReadOnlyMounts = recursiveReadOnlyMounts
            $0.features.userNamespaces = userNamespaces
        }
    }
}
