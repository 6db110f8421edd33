import Domain

/// The `User` of an image's config: `uid`, `uid:gid`, `name`, `name:group`, or nothing, as the kubelet is told of it. What is told is what a
/// container gets: the kubelet's `runAsNonRoot` rests on it.
struct ImageUser: Equatable {
    /// Digits, of an id that there is.
    let uid: Int64?
    /// Anything else that is not nothing. So are digits beyond the ids, for which no container is made: never a user who is told as another.
    let name: String

    init(_ text: String) {
        switch UserText.parts(text).user {
        case .none: (uid, name) = (nil, "")
        case .id(let id): (uid, name) = (id, "")
        case .name(let text), .beyondIDs(let text): (uid, name) = (nil, text)
        }
    }
}
