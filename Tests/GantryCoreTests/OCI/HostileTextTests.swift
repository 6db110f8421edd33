import ByteText
import JSON
import TextSamples
import Testing

@testable import GantryCore

/// The engine's parsers of what images, requests and the kernel say, held against what the bytes say.
@Suite(.timeLimit(.minutes(10))) struct HostileTextTests {
    @Test("An environment has every entry with a name, whatever is around its =", arguments: 0..<20)
    func environment(seed: UInt64) {
        var samples = TextSamples(seed: seed)
        for _ in 0..<60 {
            var image = ImageConfig()
            image.env = (0..<4).map { _ in samples.text(of: ["A", "K", "e", ""], ["=", "=", " "]) }
            var expected: [(name: [UInt8], value: [UInt8])] = []
            for entry in image.env {
                let pieces = ByteModel.split(Array(entry.utf8), UInt8(ascii: "="))
                guard pieces.count > 1, !pieces[0].isEmpty else { continue }
                let value = Array(pieces.dropFirst().joined(separator: [UInt8(ascii: "=")]))
                if let place = expected.firstIndex(where: { $0.name == pieces[0] }) {
                    expected[place].value = value
                } else {
                    expected.append((pieces[0], value))
                }
            }
            let got = ProcessArguments.environment(AppConfig(), image, hostname: "", home: "/")
            let own = got.prefix(expected.count)
            #expect(own.map { Array($0.name.utf8) } == expected.map(\.name), "\(image.env)")
            #expect(own.map { Array($0.value.utf8) } == expected.map(\.value), "\(image.env)")
        }
    }

    @Test(
        "The entries that were seen to vanish stay", arguments: ["A=\u{301}e", "A=\u{FE0F}e", "A=\u{200D}", "A=\r\n"])
    func seenEntries(_ entry: String) {
        var image = ImageConfig()
        image.env = [entry]
        let got = ProcessArguments.environment(AppConfig(), image, hostname: "", home: "/")
        #expect(got.first.map { Array("\($0.name)=\($0.value)".utf8) } == Array(entry.utf8))
    }

    @Test("A user is found by the bytes of the name, in the first line that has them", arguments: 0..<20)
    func users(seed: UInt64) {
        var samples = TextSamples(seed: seed)
        for _ in 0..<60 {
            let names = (0..<4).map { _ in samples.text(of: ["K", "é", "e\u{301}", "web"], ["-", "."], marks: 30) }
            let passwd = names.enumerated().map { "\($1):x:\($0 + 1):\($0 + 1)::/home:/bin/sh" }.joined(separator: "\n")
            let users = RootfsUsers(passwd: passwd, group: "")
            let lines = ByteModel.split(Array(passwd.utf8), 0x0a).map { ByteModel.split($0, UInt8(ascii: ":")) }
            for name in names {
                let line = lines.first { $0[0] == Array(name.utf8) && $0.count > 3 && !name.isEmpty }
                let expected = line.flatMap { Int64(String(decoding: $0[2], as: UTF8.self)) }
                #expect(
                    users.account(named: name)?.uid == expected, "\(passwd.debugDescription) \(name.debugDescription)")
            }
        }
    }

    @Test("Only mount points at a path and below it are found, by their bytes", arguments: 0..<20)
    func mounts(seed: UInt64) {
        var samples = TextSamples(seed: seed)
        for _ in 0..<60 {
            let points = (0..<4).map { _ in
                "/p/" + samples.text(of: ["K", "a", "é"], ["/"]).filter { $0.isASCII == $0.isASCII }
            }
            .filter { !$0.utf8.contains { $0 <= 0x20 } }
            let text = points.map { "36 35 98:0 / \($0) rw,noatime shared:1 - ext4 /dev/root rw\n" }.joined()
            let path = points.first ?? "/p"
            let bytes = Array(path.utf8)
            let expected = points.filter { point in
                let own = Array(point.utf8)
                return own == bytes || own.starts(with: bytes + [0x2f])
            }
            let found = Mounts.below(path, mountinfo: text)
            #expect(found.map { Array($0.utf8) } == expected.reversed().map { Array($0.utf8) })
        }
    }

    @Test("No part of a path that was cleaned climbs, and no image's directory is left", arguments: 0..<20)
    func paths(seed: UInt64) {
        var samples = TextSamples(seed: seed)
        for _ in 0..<100 {
            let path = samples.text(of: ["..", "a", "."], ["/"])
            #expect(!ByteModel.climbs(LexicalPath.clean(path)), "\(path.debugDescription)")
            let json: JSON = [
                "containerPath": "/data", "image": "x", "readonly": true, "imageSubPath": .string(path),
            ]
            let isTaken = (try? AppMount.read(json)) != nil
            #expect(!isTaken || !ByteModel.climbs(path) && path.utf8.first != 0x2f, "\(path.debugDescription)")
        }
    }

    @Test("A kernel parameter's path stays below its namespace's directories", arguments: 0..<20)
    func sysctls(seed: UInt64) {
        var samples = TextSamples(seed: seed)
        for _ in 0..<100 {
            let name = "net" + samples.text(of: ["..", "core", "ipv4"], [".", "/"], marks: 25)
            guard let found = try? Sysctls.resolve([name: "1"], ownNetwork: true, ownIPC: true) else { continue }
            for (path, _) in found {
                let parts = ByteModel.split(Array(path.utf8), 0x2f)
                #expect(
                    path.utf8.starts(with: "/proc/sys/net/".utf8) && !ByteModel.climbs(path)
                        && !parts.dropFirst().contains([]))
            }
        }
    }

    @Test(
        "A name with something that is not seen is no signal, capability, number or platform",
        arguments: TextSamples.marks)
    func words(_ mark: String) {
        for text in [
            "SIG\(mark)TERM", "SIGTERM\(mark)", "\(mark)SIGTERM", "SIGRTMIN+\(mark)1", "SIG\u{212A}ILL", "1\(mark)5",
            "+15",
        ] {
            #expect((try? Signal(parsing: text)) == nil, "\(text.debugDescription)")
        }
        for text in ["CAP_\(mark)KILL", "NET_RAW\(mark)", "\u{212A}ILL", "K\u{131}LL", "\u{17F}YS_ADMIN"] {
            #expect((try? CapabilityName(parsing: text)) == nil, "\(text.debugDescription)")
        }
        #expect(
            AccountText.id("1\(mark)".utf8) == nil && AccountText.id("\(mark)1".utf8) == nil
                && AccountText.id("+1".utf8) == nil)
        #expect(!Validation.isAddress("10.0.0.1\(mark)") && !Validation.isHostname("a\(mark).b"))
    }

    @Test("A process's cgroups are read whatever their paths hold", arguments: TextSamples.marks)
    func cgroups(_ mark: String) throws {
        guard !mark.utf8.contains(0x0a) else { return }
        let layout = CgroupLayout(membership: "4:memory:/a:\(mark)b\n0::/\(mark)c\n", isUnified: true) { _ in true }
        let own = try #require(layout.hierarchies.first)
        #expect(own.ownPath.isSame(as: "/\(mark)c"))
    }

    @Test("No option begins in a path that is mounted from", arguments: TextSamples.marks)
    func overlayOptions(_ mark: String) {
        let escaped = OverlayMount.escape("/a,\(mark)b:\(mark)c\\\(mark)d", ":")
        #expect(escaped.utf8.elementsEqual("/a\\,\(mark)b\\:\(mark)c\\\\\(mark)d".utf8), "\(escaped.debugDescription)")
    }

    @Test("Flags of one name are one, and of names that only look alike are refused")
    func flags() throws {
        var map: [String: String] = [:]
        try RktFlag.merge(["a=1", "a=2", "b\u{301}=\u{301}=3"], "--x", into: &map)
        #expect(map["a"] == "2" && map["b\u{301}"]?.isSame(as: "\u{301}=3") == true)
        #expect(throws: EngineError.self) { try RktFlag.merge(["é=1", "e\u{301}=2"], "--x", into: &map) }
    }
}

extension AppMount {
    fileprivate static func read(_ json: JSON) throws -> AppMount {
        var reader = try ObjectReader(json)
        return try AppMount(&reader)
    }
}
