import ByteText

/// Who an app's process is.
struct ResolvedUser: Equatable {
    var uid: Int64
    var gid: Int64
    /// Without doubles; the primary group first, so that setgroups(2) never takes a group away that files are denied to.
    var groups: [Int64]
    /// As passwd says; `/` otherwise.
    var home: String

    /// From what the configuration asks for, else what the image says (`user`, `user:group`, as names or ids). An id has the group, the home
    /// and the further groups of its line in passwd, where it has one; it is never looked up as a name.
    init(_ config: AppConfig.User, image: ImageConfig, users: RootfsUsers) throws(EngineError) {
        let wanted = try Self.wanted(config, image)
        let account =
            if let uid = config.uid {
                Self.account(uid: uid, users)
            } else {
                try Self.account(wanted.user, users, wanted.field)
            }
        uid = account.uid
        home = account.home
        gid =
            if let asked = config.gid {
                asked
            } else if let group = wanted.group {
                try Self.group(group, users, wanted.field)
            } else {
                account.gid
            }
        var all = [gid]
        if config.groupsPolicy == .merge, !account.name.isEmpty { all += users.groups(of: account.name) }
        all += config.supplementalGroups
        var seen: Set<Int64> = []
        groups = all.filter { seen.insert($0).inserted }
        guard groups.count <= RootfsUsers.groupLimit else {
            throw EngineError(
                .invalid, "user \(uid) would be in more than \(RootfsUsers.groupLimit) groups, which Linux does not do")
        }
    }

    private typealias Wanted = (user: Substring, group: Substring?, field: String)

    private static func wanted(_ config: AppConfig.User, _ image: ImageConfig) throws(EngineError) -> Wanted {
        if config.uid != nil { return ("", nil, "") }
        let (text, field) =
            config.username.isEmpty ? (image.user, "the image's USER") : (config.username, "user.username")
        guard let (user, group) = text.cut(at: ":") else { return (text[...], nil, field) }
        guard !group.has(":") else {
            throw EngineError(.invalid, "\(field): \(AccountText.shown(text)) is not of the form user:group")
        }
        return (user, group.isEmpty ? nil : group, field)
    }

    private static func account(
        _ user: Substring, _ users: RootfsUsers, _ field: String
    ) throws(EngineError) -> RootfsUsers.Account {
        // Nothing is root.
        if user.isEmpty { return account(uid: 0, users) }
        if case .id(let uid) = try AccountText(user, field) { return account(uid: uid, users) }
        guard let known = users.account(named: user) else {
            throw EngineError(
                .invalid, "\(field): user \(AccountText.shown(user)) is not in the image's /etc/passwd")
        }
        return known
    }

    private static func account(uid: Int64, _ users: RootfsUsers) -> RootfsUsers.Account {
        users.account(uid: uid) ?? RootfsUsers.Account(name: [], uid: uid, gid: 0, home: "/")
    }

    private static func group(
        _ group: Substring, _ users: RootfsUsers, _ field: String
    ) throws(EngineError) -> Int64 {
        if case .id(let gid) = try AccountText(group, field) { return gid }
        guard let known = users.group(named: group) else {
            throw EngineError(
                .invalid, "\(field): group \(AccountText.shown(group)) is not in the image's /etc/group")
        }
        return known
    }
}
