import Glibc
import Testing

@testable import GRPCTransport

@Suite("A socket's address", .timeLimit(.minutes(10)))
struct UnixSocketPathTests {
    @Test("is an absolute path, with or without its scheme", arguments: ["unix:///run/a/b.sock", "/run/a/b.sock"])
    func accepted(address: String) throws {
        let path = try UnixSocketPath(address)
        #expect(path.path == "/run/a/b.sock")
        #expect(path.parents == ["/run", "/run/a"])
        #expect("\(path)" == "unix:///run/a/b.sock")
    }

    @Test("is refused otherwise", arguments: ["", "a", "unix://a", "unix:///", "tcp://1.2.3.4", "/a\u{0}b", "unix://"])
    func refused(address: String) {
        #expect(throws: ListenError.self) { try UnixSocketPath(address) }
    }

    @Test("has at most as many bytes as the kernel takes")
    func length() throws {
        _ = try UnixSocketPath("/" + String(repeating: "x", count: 106))
        #expect(throws: ListenError.self) { try UnixSocketPath("/" + String(repeating: "x", count: 107)) }
        #expect(throws: ListenError.self) { try UnixSocketPath("/" + String(repeating: "ü", count: 54)) }
    }
}

@Suite("What the transport tells of", .timeLimit(.minutes(10)))
struct TransportNoticeTests {
    @Test(
        "is a warning when clients are turned away or ask for too much",
        arguments: [
            (.acceptFailed("x"), .warning), (.connectionRefused("x"), .warning), (.clientMisbehaved("x"), .warning),
            (.connectionEnded("x"), .routine),
        ] as [(TransportNotice, TransportNotice.Severity)])
    func severity(notice: TransportNotice, severity: TransportNotice.Severity) {
        #expect(notice.severity == severity)
        #expect("\(notice)".hasSuffix(": x"))
    }
}

@Suite("Socket activation", .timeLimit(.minutes(10)))
struct SocketActivationTests {
    @Test("finds the descriptors and their names")
    func found() throws {
        let environment = ["LISTEN_PID": "42", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "cri::"]
        let sockets = try SocketActivation.sockets(environment: environment, processID: 42)
        #expect(sockets.map(\.descriptor) == [3, 4, 5])
        #expect(sockets.map(\.name) == ["cri", nil, nil])
    }

    @Test(
        "is not for us",
        arguments: [
            [:], ["LISTEN_PID": "42"], ["LISTEN_FDS": "1"], ["LISTEN_PID": "41", "LISTEN_FDS": "1"],
            ["LISTEN_PID": "42", "LISTEN_FDS": "0"],
        ] as [[String: String]]
    )
    func notForUs(environment: [String: String]) throws {
        #expect(try SocketActivation.sockets(environment: environment, processID: 42).isEmpty)
    }

    @Test(
        "is refused when it is rubbish",
        arguments: [("x", "1"), ("42", "x"), ("42", "-1"), ("42", "2000"), ("42", "99999999999"), ("", "1")]
    )
    func rubbish(pid: String, count: String) {
        #expect(throws: ListenError.self) {
            try SocketActivation.sockets(environment: ["LISTEN_PID": pid, "LISTEN_FDS": count], processID: 42)
        }
    }

    @Test("takes one socket or none, and says which there are when there are several")
    func several() throws {
        let sockets = [
            SocketActivation.Socket(descriptor: 3, name: "cri"), SocketActivation.Socket(descriptor: 4, name: nil),
        ]
        #expect(try SocketActivation.only([]) == nil)
        #expect(try SocketActivation.only([sockets[0]]) == sockets[0])
        let error = #expect(throws: ListenError.self) { try SocketActivation.only(sockets) }
        #expect(error?.description.contains("2 sockets were passed on (cri, descriptor 4)") == true)
    }

    @Test("refuses a descriptor that does not listen on a Unix socket")
    func wrongKind() throws {
        let inet = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        let unix = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        defer {
            close(inet)
            close(unix)
        }
        for descriptor in [inet, unix, -1] {
            #expect(throws: ListenError.self) { try SocketActivation.check(descriptor) }
        }
    }
}
