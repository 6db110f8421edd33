import ByteText

/// The beginning of an id, as people type it and `crictl` passes it through: 4 to 63 lower-case hexadecimal digits.
struct ShortID {
    /// What is shorter is a slip of the finger rather than an id.
    static let lengths = 4...63

    let digits: String

    init?(_ text: some StringProtocol) {
        guard Self.lengths.contains(text.utf8.count), text.isLowerHex else { return nil }
        digits = String(text)
    }
}

/// What a text that should be an id stands for among the objects that clients see.
package enum IDMatch<ID: Hashable & Sendable>: Hashable, Sendable {
    /// The text is an id itself, whether or not there is such an object, or the beginning of this one only.
    case one(ID)
    /// It is neither.
    case none
    /// It is the beginning of all of these; they are in order.
    case several([ID])

    /// What a client is told of more than one match: the first few by name.
    package static func ambiguity(_ text: String, _ ids: [String]) -> String {
        let named = ids.prefix(5).joined(separator: ", ")
        let rest = ids.count > 5 ? " and \(ids.count - 5) more" : ""
        return "\(text) is the beginning of \(ids.count) ids: \(named)\(rest); give more digits"
    }
}

/// Finds the objects that texts stand for. A whole id costs nothing; what is shorter is compared with every id.
package struct Identify: Sendable {
    private let index: PodIndex

    package init(_ index: PodIndex) {
        self.index = index
    }

    package func pod(_ text: String) -> IDMatch<PodID> {
        match(text) { prefix in
            index.read { state in
                state.pods.compactMap { id, entry in
                    id.rawValue.begins(with: prefix) && entry.visible != nil ? id : nil
                }
            }
        }
    }

    package func container(_ text: String) -> IDMatch<ContainerID> {
        match(text) { prefix in
            index.read { state in
                state.containers.compactMap { id, entry in
                    id.rawValue.begins(with: prefix) && entry.visible != nil ? id : nil
                }
            }
        }
    }

    private func match<Kind>(
        _ text: String, _ candidates: (String) -> [ObjectID<Kind>]
    ) -> IDMatch<ObjectID<Kind>> {
        if let id = ObjectID<Kind>(text) { return .one(id) }
        guard let short = ShortID(text) else { return .none }
        let found = candidates(short.digits)
        guard let first = found.first else { return .none }
        return found.count == 1 ? .one(first) : .several(found.sorted { $0.rawValue.precedes($1.rawValue) })
    }
}

extension ImageID {
    private static let algorithm = "sha256:"

    /// The id that bare digits name, as `docker` and `crictl` print them; nil for anything but 64 of them.
    static func ofBareDigits(_ text: String) -> ImageID? {
        guard text.utf8.count == 64, text.isLowerHex else { return nil }
        return ImageID(algorithm + text)
    }

    /// The beginning of an id, with or without the algorithm before it.
    static func shortDigits(_ text: String) -> String? {
        ShortID(text.without(prefix: algorithm) ?? text[...])?.digits
    }

    /// The id's digits, without the algorithm (`sha256:`, or an old engine's `sha512-`).
    var digits: Substring {
        let algorithm = rawValue.cutLast(at: ":")?.after ?? rawValue[...]
        return algorithm.cutLast(at: "-")?.after ?? algorithm
    }
}
