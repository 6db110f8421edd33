import ArgumentParser
import ByteText
import Daemon
import Glibc
import JSON

/// Asks the daemon's gateway; one connection per question, blocking, as a command line may.
struct GatewayClient {
    private static let patience = timeval(tv_sec: 15, tv_usec: 0)
    private static let largest = 256 << 20
    /// On a stream of events something comes every 15 seconds.
    private static let patienceWithStreams = timeval(tv_sec: 45, tv_usec: 0)

    let address: GatewayAddress
    /// Read for a question over TCP.
    let tokenFile: String

    /// The JSON of an answer.
    ///
    /// - Throws: ``ConsoleError`` saying what to do.
    func get(_ path: String) throws -> JSON {
        let descriptor = try connected()
        defer { close(descriptor) }
        try ask(path, accepting: "application/json", on: descriptor)
        let answer = try HTTPAnswer(try readAll(descriptor))
        let json = try? JSON(parsing: answer.body, limits: .init(maximumSize: Self.largest))
        guard answer.status == 200, let json else { throw Self.refusal(path, answer.status, json) }
        return json
    }

    /// The JSON of an answer to a message.
    ///
    /// - Throws: ``ConsoleError`` saying what to do.
    func post(_ path: String, _ body: [UInt8]) throws -> JSON {
        let descriptor = try connected()
        defer { close(descriptor) }
        let fields = "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n"
        try ask(path, accepting: "application/json", on: descriptor, method: "POST", fields: fields)
        try send(String(decoding: body, as: UTF8.self), to: descriptor)
        let answer = try HTTPAnswer(try readAll(descriptor))
        let json = try? JSON(parsing: answer.body, limits: .init(maximumSize: Self.largest))
        guard (200...299).contains(answer.status), let json else { throw Self.refusal(path, answer.status, json) }
        return json
    }

    /// Hands over the data of each server-sent event as it comes, until the daemon ends.
    ///
    /// - Throws: ``ConsoleError`` saying what to do.
    func follow(_ path: String, _ event: ([UInt8]) throws -> Void) throws {
        let descriptor = try connected()
        defer { close(descriptor) }
        var patience = Self.patienceWithStreams
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        try ask(path, accepting: "text/event-stream", on: descriptor)
        var events = ServerSentEvents()
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let cause = count < 0 ? String(cString: strerror(errno)) : "the connection was closed"
                throw ConsoleError("the gateway does not go on: \(cause)", mayPass: true)
            }
            for data in try events.take(chunk[..<count]) { try event(data) }
            // Its answer is a problem in one piece: asked for again where it is read as such.
            guard [0, 200].contains(events.status) else {
                _ = try get(path)
                throw Self.refusal(path, events.status, nil)
            }
            if events.isAtEnd { throw ConsoleError("the daemon stopped", mayPass: true) }
        }
    }

    func ask(
        _ path: String, accepting type: String, on descriptor: CInt, method: String = "GET", fields: String = ""
    ) throws {
        let authorization = try token().map { "Authorization: Bearer \($0)\r\n" } ?? ""
        try send(
            "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(authorization)\(fields)Accept: \(type)\r\nConnection: close\r\n\r\n",
            to: descriptor)
    }

    static func refusal(_ path: String, _ status: Int, _ answer: JSON?) -> ConsoleError {
        ConsoleError(
            answer?["detail"]?.stringValue ?? "the gateway answered \(path) with status \(status)",
            mayPass: status >= 500)
    }

    /// What the gateway asks for on TCP; nil where it asks for nothing. Nobody but root gets to see it.
    private func token() throws -> String? {
        guard case .loopback(let host, let port) = address else { return nil }
        switch ListenerOwner.of(host: host, port: port) {
        case .root: break
        case .nobody: throw ConsoleError("nobody listens at \(address); is the daemon running?", mayPass: true)
        case .another:
            throw ConsoleError(
                "who listens at \(address) is not root: that is no gateway, and it does not get the token")
        }
        do {
            if let token = try TokenFile(.gatewayTokenFile, at: tokenFile).read() { return token }
        } catch {
            throw ConsoleError("\(error); are you root?")
        }
        throw ConsoleError(
            "gatewayTokenFile \(tokenFile): there is no such file; has the daemon another one?", mayPass: true)
    }

    func connected() throws -> CInt {
        let descriptor: CInt
        let code: CInt
        switch address {
        case .unix(let path):
            descriptor = Self.patientSocket(AF_UNIX)
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
            code = Self.connect(descriptor, name)
        case .loopback(let host, let port):
            let isV6 = host == "::1"
            descriptor = Self.patientSocket(isV6 ? AF_INET6 : AF_INET)
            if isV6 {
                var name = sockaddr_in6()
                name.sin6_family = sa_family_t(AF_INET6)
                name.sin6_port = port.bigEndian
                inet_pton(AF_INET6, host, &name.sin6_addr)
                code = Self.connect(descriptor, name)
            } else {
                var name = sockaddr_in()
                name.sin_family = sa_family_t(AF_INET)
                name.sin_port = port.bigEndian
                inet_pton(AF_INET, host, &name.sin_addr)
                code = Self.connect(descriptor, name)
            }
        }
        guard descriptor >= 0, code == 0 else {
            let cause = String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw ConsoleError(
                "the gateway at \(address) does not answer: \(cause); is the daemon running, and are you root?",
                mayPass: true)
        }
        return descriptor
    }

    /// Waits no longer than ``patience`` for anything: a daemon that hangs takes no connections either.
    private static func patientSocket(_ family: CInt) -> CInt {
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var patience = patience
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        return descriptor
    }

    private static func connect<Address>(_ descriptor: CInt, _ address: Address) -> CInt {
        withUnsafeBytes(of: address) { bytes in
            Glibc.connect(
                descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }

    func send(_ text: String, to descriptor: CInt) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else {
                throw ConsoleError("the gateway hung up: \(String(cString: strerror(errno)))", mayPass: true)
            }
            rest = rest.dropFirst(count)
        }
    }

    func readAll(_ descriptor: CInt) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw ConsoleError("the gateway does not go on: \(String(cString: strerror(errno)))", mayPass: true)
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= Self.largest else { throw ConsoleError("the gateway's answer is too long") }
        }
    }
}

/// Why a command at the console failed, for the person there.
struct ConsoleError: Error, CustomStringConvertible {
    let description: String
    /// The same question may be answered a little later: the daemon is not there, or on its way.
    let mayPass: Bool

    init(_ description: String, mayPass: Bool = false) {
        self.description = description
        self.mayPass = mayPass
    }

    /// - Parameter object: as the person called it; the daemon may have begun with just that.
    static func text(_ why: String, about object: String) -> String {
        why.begins(with: "\(object): ") ? why : "\(object): \(why)"
    }
}
