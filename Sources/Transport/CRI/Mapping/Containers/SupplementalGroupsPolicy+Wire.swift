import Domain

extension SupplementalGroupsPolicy {
    package init(wire: Runtime_V1_SupplementalGroupsPolicy, at path: FieldPath) throws(DomainError) {
        switch wire {
        case .merge: self = .merge
        case .strict: self = .strict
        case .UNRECOGNIZED(let value): throw path.unknownValue(value)
        }
    }
}
