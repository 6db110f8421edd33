import ByteText
import Glibc
import JSON

extension GatewayClient {
    private static let longestHead = 65_536

    /// Asks for a session, and opens it with the ticket.
    ///
    /// - Parameters:
    ///   - path: that grants it.
    ///   - request: the message of the CRI.
    /// - Throws: ``ConsoleError`` saying what to do.
    func session(_ path: String, _ request: [UInt8]) throws -> SessionSocket {
        guard let ticket = try post(path, request)["ticket"]?.stringValue else {
            throw ConsoleError("what answers is no gateway: it gave no ticket")
        }
        let descriptor = try connected()
        do {
            return SessionSocket(descriptor, early: try upgrade(descriptor, ticket))
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// - Returns: what came behind the answer.
    private func upgrade(_ descriptor: CInt, _ ticket: String) throws -> [UInt8] {
        let key = JSONBytes.encode((0..<16).map { _ in UInt8.random(in: 0...255) })
        let head = [
            "GET /v1/sessions HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(key)",
            "Sec-WebSocket-Protocol: v5.channel.k8s.io, \(ticket)", "", "",
        ]
        try send(head.joined(separator: "\r\n"), to: descriptor)
        let blank = Array("\r\n\r\n".utf8)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            if let end = bytes.indices.first(where: { bytes[$0...].starts(with: blank) }) {
                let words = String(decoding: bytes[..<end], as: UTF8.self).words(at: " ", maxWords: 3)
                if words.count > 1, words[1].isSame(as: "101") { return Array(bytes[(end + 4)...]) }
                let answer = try HTTPAnswer(bytes + (try readAll(descriptor)))
                throw Self.refusal("/v1/sessions", answer.status, try? JSON(parsing: answer.body))
            }
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0, bytes.count < Self.longestHead else {
                throw ConsoleError("the gateway opens no session: it hung up", mayPass: true)
            }
            bytes += chunk[..<count]
        }
    }
}
