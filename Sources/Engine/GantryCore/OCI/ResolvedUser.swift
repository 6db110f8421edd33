/// Who an app's process is.
struct ResolvedUser: Equatable {
    var uid: Int64
    var gid: Int64
    /// Without doubles; the primary group first, so that setgroups(2) never takes a group away that files are denied to.
    var groups: [Int64]
    /// As passwd says; `/` otherwise.
    var home: String

    /// From what the configuration asks for, else what the image says (`user`, `user:group`, as names or ids).
    init(_ config: AppConfig.User, image: ImageConfig, users: RootfsUsers) throws(EngineError) {
        let spec = Self.specification(config, image)
        let account: RootfsUsers.Account
        if let uid = config.uid {
            account = Self.account(uid: uid, users)
        } else {
            account = try Self.account(spec.user, users)
        }
        uid = account.uid
        home = account.home
        if let wanted = config.gid {
            gid = wanted
        } else if let wanted = spec.group {
            gid = try Self.group(wanted, users)
        } else {
            gid = account.gid
        }
        var all = [gid]
        if config.groupsPolicy == .merge, !account.name.isEmpty { all += users.groups(of: account.name) }
        all += config.supplementalGroups
        var seen: Set<Int64> = []
        groups = all.filter { seen.insert($0).inserted }
    }

    private static func specification(_ config: AppConfig.User, _ image: ImageConfig) -> (user: String, group: String?)
    {
        if config.uid != nil { return ("", nil) }
        let text = config.username.isEmpty ? image.user : config.username
        guard let colon = text.firstIndex(of: ":") else { return (text, nil) }
        let group = String(text[text.index(after: colon)...])
        return (String(text[..<colon]), group.isEmpty ? nil : group)
    }

    private static func account(_ user: String, _ users: RootfsUsers) throws(EngineError) -> RootfsUsers.Account {
        let wanted = user.isEmpty ? "0" : user
        if let known = users.account(named: wanted) { return known.withHome }
        guard let uid = RootfsUsers.id(wanted) else {
            throw EngineError(.invalid, "user \"\(wanted)\": not in the image's /etc/passwd")
        }
        return account(uid: uid, users)
    }

    private static func account(uid: Int64, _ users: RootfsUsers) -> RootfsUsers.Account {
        users.account(uid: uid)?.withHome ?? RootfsUsers.Account(name: "", uid: uid, gid: 0, home: "/")
    }

    private static func group(_ group: String, _ users: RootfsUsers) throws(EngineError) -> Int64 {
        if let known = users.group(named: group) { return known.gid }
        guard let gid = RootfsUsers.id(group) else {
            throw EngineError(.invalid, "group \"\(group)\": not in the image's /etc/group")
        }
        return gid
    }
}

extension RootfsUsers.Account {
    fileprivate var withHome: RootfsUsers.Account {
        var account = self
        if home.isEmpty { account.home = "/" }
        return account
    }
}
