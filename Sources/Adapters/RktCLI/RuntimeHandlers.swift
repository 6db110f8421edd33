import Domain

extension RuntimeHandler {
    /// Of the default handler for RuntimeClass objects, which cannot name it by the empty name.
    static let defaultName = "default"

    /// What there is without any configuration.
    static func usual(recursiveReadOnlyMounts: Bool = false, userNamespaces: Bool = false) -> [RuntimeHandler] {
        ["", defaultName].map { name in
            RuntimeHandler(
                name: name, recursiveReadOnlyMounts: recursiveReadOnlyMounts, userNamespaces: userNamespaces)
        }
    }
}
