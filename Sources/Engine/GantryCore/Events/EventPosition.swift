import JSON

/// How far a reader has come: what `gantry events --since` is given. A reader puts it together from the `at` of the lines it has read (docs/engine.md,
/// *Events*) and need not understand it.
package struct EventPosition: Equatable, Sendable {
    package var boot: String
    /// The number of the last event of each pod that is known; 0 for one that had no events yet.
    package var pods: [PodUUID: UInt64] = [:]
    /// The last removal.
    package var removed: UInt64 = 0
    /// The word for the set of images.
    package var images = ""
    /// In the log that supervisors of older engines share; nil where there was none.
    package var shared: UInt64?

    package init(boot: String) { self.boot = boot }

    /// What is not known is passed over: a newer engine's position gives a gap at worst.
    package init(json: JSON) throws(EngineError) {
        guard let members = json.objectValue, let boot = members["boot"]?.stringValue else {
            throw EngineError(.invalid, "the position of events has no \"boot\"")
        }
        self.boot = boot
        removed = members["removed"]?.uint64Value ?? 0
        images = members["images"]?.stringValue ?? ""
        shared = members["shared"]?.uint64Value
        for (name, value) in members {
            if let uuid = PodUUID(name), let number = value.uint64Value { pods[uuid] = number }
        }
    }

    /// All but the pods.
    var json: [String: JSON] {
        var members: [String: JSON] = [
            "boot": .string(boot), "removed": JSON(removed), "images": .string(images),
        ]
        if let shared { members["shared"] = JSON(shared) }
        return members
    }
}
