import Domain
import JSON

@testable import GantryCore

extension FuzzTarget {
    /// The user an image asks for, and the image's /etc/passwd and /etc/group, apart by NULs.
    static let users = FuzzTarget("users", longest: 1024) { input in
        let parts = input.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return }
        let users = RootfsUsers(passwd: Array(parts[1]), group: Array(parts[2]))
        var image = ImageConfig()
        image.user = String(decoding: parts[0], as: UTF8.self)
        guard let user = try? ResolvedUser(AppConfig.User(), image: image, users: users) else { return }
        let valid: ClosedRange<Int64> = 0...4_294_967_294
        try promise(valid.contains(user.uid) && valid.contains(user.gid), "an id that the kernel does not have")
        try promise(user.groups.allSatisfy(valid.contains), "a group that the kernel does not have")
        try promise(user.groups.first == user.gid, "the primary group is not the first")
        try promise(Set(user.groups).count == user.groups.count, "a group twice")
        try promise(!user.home.isEmpty, "no home")
        // Digits are an id, whatever the files call by that name.
        let name = parts[0].prefix { $0 != 0x3a }
        if !name.isEmpty, name.allSatisfy({ (0x30...0x39).contains($0) }) {
            try promise(Int64(String(decoding: name, as: UTF8.self)) == user.uid, "digits that are a name")
        }
        PlantedTrap.here(user.uid == 1234 && user.groups.count == 2 && parts[0].first == 0x7a)
    }
}
