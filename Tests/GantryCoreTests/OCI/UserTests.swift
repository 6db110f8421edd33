import Glibc
import JSON
import Testing

@testable import GantryCore

/// Who runs: what images, requests and passwd files say is foreign, and a number is an id.
@Suite(.timeLimit(.minutes(10)))
struct UserTests {
    /// Names made of digits and signs, as a hostile image has them, before an ordinary user.
    private static let passwd = """
        root:x:0:0:root:/root:/bin/sh
        1000:x:0:0::/root:/bin/sh
        4294967296:x:0:0::/root:/bin/sh
        4294967295:x:0:0::/root:/bin/sh
        +1:x:11:11::/plus:
        -1:x:12:12::/minus:
         1000:x:13:13::/blank:
        １０００:x:14:14::/wide:
        web:x:1000:1001:Web:/home/web:/bin/sh
        web:x:0:0::/root:/bin/sh
        twin:x:1000:0::/twin:/bin/sh
        wrap:x:4294967296:0::/:
        none:x:4294967295:0::/:
        long:x:18446744073709551616:0::/:
        minus:x:-1:0::/:
        empty:x::0::/:
        blank:x: 5:0::/:
        plus:x:+5:0::/:
        wide:x:５:0::/:
        gid:x:6:4294967296::/:
        café:x:21:21::/e:
        dos:x:22:22::/dos:/bin/sh\r
        after:x:23:23::/after:/bin/sh

        """
    private static let group = """
        2000:x:0:
        4294967296:x:0:
        +2:x:32:
        staff:x:50:web,1000
        staff:x:0:
        wrap:x:4294967296:
        none:x:4294967295:web
        minus:x:-1:
        audio:x:29:other,web,
        wheel:x:10:1000,webb

        """

    private func resolve(
        image: String = "", _ change: (inout AppConfig.User) -> Void = { _ in }
    ) throws -> (uid: Int64, gid: Int64, groups: [Int64], home: String) {
        var user = SpecCase()
        user.users = RootfsUsers(passwd: Self.passwd, group: Self.group)
        user.image.user = image
        change(&user.config.user)
        let built = try user.build()
        let home = built.environment.first { $0.name == "HOME" }?.value ?? ""
        return (built.user.uid, built.user.gid, built.user.supplementalGroups, home)
    }

    typealias Known = (text: String, uid: Int64, gid: Int64, groups: [Int64])

    static let known: [Known] = [
        ("", 0, 0, [0]), (":50", 0, 50, [50]), (":", 0, 0, [0]), ("0", 0, 0, [0]), ("root", 0, 0, [0]),
        ("00", 0, 0, [0]), ("1000", 1000, 1001, [1001, 50, 29]), ("0001000", 1000, 1001, [1001, 50, 29]),
        ("1000:", 1000, 1001, [1001, 50, 29]), ("1000:2000", 1000, 2000, [2000, 50, 29]),
        ("1000:0002000", 1000, 2000, [2000, 50, 29]), ("1000:staff", 1000, 50, [50, 29]),
        ("web", 1000, 1001, [1001, 50, 29]), ("web:0", 1000, 0, [0, 50, 29]),
        ("4294967294", 4_294_967_294, 0, [0]), ("4294967294:4294967294", 4_294_967_294, 4_294_967_294, [4_294_967_294]),
        ("7777", 7777, 0, [0]), ("+1", 11, 11, [11]), ("-1", 12, 12, [12]), (" 1000", 13, 13, [13]),
        ("１０００", 14, 14, [14]), ("7777:+2", 7777, 32, [32]), ("dos", 22, 22, [22]), ("after", 23, 23, [23]),
        ("caf\u{e9}", 21, 21, [21]),
    ]

    @Test(arguments: known)
    func `Digits are an id, anything else is a name`(known: Known) throws {
        let (text, uid, gid, groups) = known
        let ofImage = try resolve(image: text)
        #expect(ofImage.uid == uid && ofImage.gid == gid && ofImage.groups == groups, "\(text): \(ofImage)")
        let asked = try resolve(image: "after") { $0.username = text.isEmpty ? ":" : text }
        #expect(asked.uid == uid && asked.gid == gid && asked.groups == groups, "\(text): \(asked)")
    }

    @Test(
        arguments: [
            "4294967295", "4294967296", "4294968296", "18446744073709551616", "18446744073709552616",
            String(repeating: "9", count: 5000), "1000:4294967295", "1000:4294967296", "web:18446744073709551616",
            "1000:50:50", "wrap", "none", "long", "minus", "empty", "blank", "plus", "wide", "gid", "cafe\u{301}",
            "web:wrap", "web:none", "web:minus", "web:nogroup", "nobody", "1000 ", "0x0", "1e3", "1_000", "web:",
            "root\n",
        ].filter { $0 != "web:" })
    func `What is neither an id nor in the image's files is refused, and the error names where it stood`(text: String)
        throws
    {
        let ofImage = try #require(throws: EngineError.self) { try resolve(image: text) }
        #expect(ofImage.code == .invalid && ofImage.message.hasPrefix("the image's USER: "), "\(ofImage.message)")
        #expect(ofImage.message.utf8.count < 300)
        let asked = try #require(throws: EngineError.self) { try resolve { $0.username = text } }
        #expect(asked.code == .invalid && asked.message.hasPrefix("user.username: "), "\(asked.message)")
    }

    @Test func `An id in the request has its own line, never the line of that name`() throws {
        #expect(try resolve(image: "root") { $0.uid = 1000 } == (1000, 1001, [1001, 50, 29], "/home/web"))
        #expect(
            try resolve(image: "root:0") {
                $0.uid = 1000; $0.gid = 2000
            }.groups == [2000, 50, 29])
        // Members are names: the groups with a member `1000` are nobody's here.
        #expect(try resolve { $0.uid = 7777 }.groups == [0])
    }

    @Test(arguments: [
        ("uid", -1), ("uid", 4_294_967_295), ("uid", 4_294_967_296), ("gid", -1), ("gid", 4_294_967_295),
        ("gid", Int64.max), ("gid", Int64.min),
    ])
    func `Ids of a configuration stay within those of Linux`(key: String, value: Int64) throws {
        var user: [String: JSON] = ["uid": 0]
        user[key] = .integer(value)
        let error = try #require(throws: EngineError.self) {
            try AppConfig(json: ["version": 1, "user": .object(user)])
        }
        #expect(error.message.contains("user.\(key)") && error.code == .invalid)
        #expect(throws: EngineError.self) {
            try AppConfig(json: ["version": 1, "user": ["uid": 0, "supplementalGroups": [.integer(value)]]])
        }
    }

    @Test(arguments: ["--user", "--group", "--supplementary-gids"])
    func `rkt's flags take no number that is no id`(flag: String) throws {
        for text in ["4294967295", "4294967296", "18446744073709551616"] {
            var flags = RktAppFlags()
            flags.user = flag == "--user" ? text : "web"
            if flag == "--group" { flags.group = text }
            if flag == "--supplementary-gids" { flags.supplementaryGids = "1,\(text)" }
            let error = try #require(throws: EngineError.self) {
                var config = AppConfig()
                try flags.apply(to: &config)
            }
            #expect(error.message.hasPrefix(flag) && error.code == .invalid)
        }
    }

    @Test func `More groups than Linux has room for are refused`() throws {
        var user = SpecCase()
        var text = ""
        for gid in 1...65_537 { text += "g\(gid):x:\(gid):w\n" }
        user.users = RootfsUsers(passwd: "w:x:5:1::/:\n", group: text)
        user.image.user = "w"
        let error = try #require(throws: EngineError.self) { try user.build() }
        #expect(error.code == .invalid && error.message.contains("65536 groups"))
        user.config.user.groupsPolicy = .strict
        #expect(try user.build().user.supplementalGroups == [1])
    }

    @Test func `Both files are read up to a megabyte each, and names in them are bytes`() throws {
        #expect(RootfsUsers.sizeLimit == 1 << 20)
        let scratch = Scratch()
        mkdir("\(scratch.path)/etc", 0o755)
        let root = open(scratch.path, O_RDONLY | O_DIRECTORY)
        defer { close(root) }
        let line = "web:x:1:1::/:\n"
        scratch.write("etc/passwd", String(repeating: "#", count: (1 << 20) - line.utf8.count - 1) + "\n" + line)
        #expect(try RootfsUsers.read(rootfs: root).account(named: "web")?.uid == 1)
        scratch.write("etc/passwd", String(repeating: "#", count: (1 << 20) - line.utf8.count) + "\n" + line)
        let error = try #require(throws: EngineError.self) { try RootfsUsers.read(rootfs: root) }
        #expect(error.code == .invalid && error.message.contains("/etc/passwd"))
        // Invalid UTF-8 is no replacement character.
        let users = RootfsUsers(
            passwd: Array("w\u{0}:x:1:1::/:\n".utf8) + [0xff] + Array(":x:0:0::/:\n".utf8), group: [])
        #expect(users.account(named: "\u{fffd}") == nil && users.account(named: "w") == nil)
    }
}
