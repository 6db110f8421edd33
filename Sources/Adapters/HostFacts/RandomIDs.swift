import Domain

/// Ids of 256 bits from the kernel's generator (Swift's system generator is getrandom(2) here).
package struct RandomIDs: IDs {
    package init() {}

    package func newPodID() -> PodID { newID() }
    package func newContainerID() -> ContainerID { newID() }

    private func newID<Kind>() -> ObjectID<Kind> {
        var generator = SystemRandomNumberGenerator()
        while true {
            let words = (0..<4).map { _ in String(generator.next(), radix: 16) }
            let digits = words.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
            if let id = ObjectID<Kind>(digits) { return id }
        }
    }
}
