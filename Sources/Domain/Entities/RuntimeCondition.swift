/// One line of the runtime's health (CRI `RuntimeCondition`): `RuntimeReady`, `NetworkReady`.
package struct RuntimeCondition: Hashable, Sendable {
    package var type: String
    package var status: Bool
    /// One word in CamelCase, empty when all is well.
    package var reason: String
    package var message: String
    package init(type: String, status: Bool, reason: String = "", message: String = "") {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
    }
}
