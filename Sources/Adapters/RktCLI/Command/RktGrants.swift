/// What the operator grants to pods on the archived rkt, knowing what rkt makes of it. Nothing by default.
package struct RktGrants: Equatable, Sendable {
    /// The settings' names, for refusals.
    static let sharedPIDNamespaceName = "rktSharedPIDNamespace"
    static let execAsRootName = "rktExecAsRoot"

    /// A pod that asks for a PID namespace for each container gets one for all of them: rkt has nothing else.
    package var sharedPIDNamespace = false
    /// Commands enter a container as root, with all capabilities and no seccomp filter, whatever the container itself has.
    package var execAsRoot = false

    package init() {}
}
