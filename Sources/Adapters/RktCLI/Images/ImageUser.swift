/// The `User` of an image's config: `uid`, `uid:gid`, `name`, `name:group`, or nothing.
struct ImageUser: Equatable {
    let uid: Int64?
    let name: String

    init(_ text: String) {
        let user = text.prefix { $0 != ":" }
        uid = Int64(user)
        name = uid == nil ? String(user) : ""
    }
}
