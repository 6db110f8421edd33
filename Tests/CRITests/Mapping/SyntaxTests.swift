import Domain
import Testing

@testable import CRI

@Suite(.timeLimit(.minutes(10))) struct SyntaxTests {
    private let path = FieldPath("f")

    @Test func `a path names fields, elements and keys in the words of the proto`() {
        let path = FieldPath("config").field("mounts").item(2).field("host_path")
        #expect(path.description == "config.mounts[2].host_path")
        #expect(FieldPath("").field("filter").key("a\"b").description == "filter[\"a\\\"b\"]")
    }

    @Test func `a hostile value is shown escaped and cut`() {
        let quoted = ("\n\u{1b}[31m" + String(repeating: "x", count: 500)).quotedForMessage
        #expect(quoted.hasPrefix("\"\\n\\u{1B}[31m"))
        #expect(quoted.count < 100)
        #expect(quoted.hasSuffix("…\""))
    }

    @Test func `a timeout is never negative and never overflows`() throws {
        #expect(try path.seconds(0) == .zero)
        #expect(try path.seconds(30) == .seconds(30))
        #expect(try path.seconds(.max) == .seconds(3_153_600_000))
        #expect(throws: DomainError(.invalidArgument, "f: -1 seconds: a timeout cannot be negative")) {
            try path.seconds(-1)
        }
    }

    @Test(arguments: ["10.0.0.1", "::", "fe80::1%eth0", "::ffff:1.2.3.4"])
    func `addresses of both families are taken`(_ value: String) throws {
        #expect(try path.address(value, zone: true) == value)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "01.2.3.4\0", "::1%", "1.2.3.4%eth0", "[::1]", "localhost", "1.2.3.4/8",
    ])
    func `what is no address is refused`(_ value: String) {
        #expect(throws: DomainError.self) { try path.address(value, zone: true) }
    }

    @Test(arguments: ["10.244.0.0/24", "fd00::/64", "10.0.0.0/8,fd00::/108", "0.0.0.0/0"])
    func `ranges of addresses are taken`(_ value: String) throws {
        #expect(try path.ranges(value) == value)
    }

    @Test(arguments: ["", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+1", "fd00::/129", "10.0.0.0/8,", "a/8"])
    func `what is no range is refused`(_ value: String) {
        #expect(throws: DomainError.self) { try path.ranges(value) }
    }

    @Test func `a command that has to be there must name a program`() throws {
        #expect(try CommandLine.parseFilled(["ls", ""], at: path) == ["ls", ""])
        #expect(throws: DomainError(.invalidArgument, "f: must not be empty")) {
            try CommandLine.parseFilled([], at: path)
        }
        #expect(throws: DomainError(.invalidArgument, "f[0]: must not be empty")) {
            try CommandLine.parseFilled([""], at: path)
        }
    }

    @Test func `info maps hold JSON whatever is in their values`() {
        let object = JSONObject([("a", .text("\"\\\n\u{1}é")), ("b", .number(-3)), ("c", .flag(true))])
        #expect(object.description == #"{"a":"\"\\\u000a\u0001é","b":-3,"c":true}"#)
    }
}
