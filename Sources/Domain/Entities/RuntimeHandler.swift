import ByteText

/// A way to run pods that a request can name (CRI `RuntimeHandler`); the empty name is the default one.
package struct RuntimeHandler: Hashable, Sendable {
    package var name: String
    package var recursiveReadOnlyMounts: Bool
    package var userNamespaces: Bool
    package init(name: String, recursiveReadOnlyMounts: Bool, userNamespaces: Bool) {
        self.name = name
        self.recursiveReadOnlyMounts = recursiveReadOnlyMounts
        self.userNamespaces = userNamespaces
    }
}

extension [RuntimeHandler] {
    func named(_ name: String) -> RuntimeHandler? { first { $0.name.isSame(as: name) } }
}
