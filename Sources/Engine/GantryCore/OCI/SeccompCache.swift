import JSON

/// The runtime's default profile as it was converted last: the apps of a pod mostly have the same capabilities, which decide what is in it.
package final class SeccompCache {
    private var last: (capabilities: CapabilitySets, profile: JSON)?

    package init() {}

    func profile(for capabilities: CapabilitySets) -> JSON? {
        last?.capabilities == capabilities ? last?.profile : nil
    }

    func keep(_ profile: JSON, for capabilities: CapabilitySets) { last = (capabilities, profile) }

    /// It is large, and apps are added one after the other or not at all.
    func forget() { last = nil }
}
