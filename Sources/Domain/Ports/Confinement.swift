/// What the host has of protections that containers get without asking for them.
package protocol Confinement: Sendable {
    /// What is missing although the host could have it, each with what to do; empty when all is well.
    func advisories() async -> [RuntimeCondition]
}

/// A host of which nothing is known.
package struct UnknownConfinement: Confinement {
    package init() {}
    package func advisories() async -> [RuntimeCondition] { [] }
}
