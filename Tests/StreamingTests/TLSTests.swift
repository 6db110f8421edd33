import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Streaming
import Synchronization
import Testing

/// Files of a server's, in a directory of their own.
private final class Files: Sendable {
    let directory: String

    init() throws {
        var template = Array("/tmp/rktlet-tls-XXXXXX".utf8CString)
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        try write(TLSSamples.server, "crt")
        try write(TLSSamples.serverKey, "key")
        try write(TLSSamples.ca, "ca")
    }

    deinit {
        for name in ["crt", "key", "ca"] { unlink(path(name)) }
        rmdir(directory)
    }

    func path(_ name: String) -> String { directory + "/" + name }

    /// As whoever renews certificates does: under another name first.
    func write(_ text: String, _ name: String, mode: mode_t = 0o600) throws {
        let file = try #require(fopen(path("new"), "w"))
        #expect(fputs(text, file) >= 0)
        fclose(file)
        chmod(path("new"), mode)
        #expect(rename(path("new"), path(name)) == 0)
    }

    var served: ServerCertificates.Files { .init(certificate: path("crt"), key: path("key"), clientCA: path("ca")) }
    var withoutClientCA: ServerCertificates.Files { .init(certificate: path("crt"), key: path("key"), clientCA: nil) }
}

@Suite(.timeLimit(.minutes(10))) struct TLSTests {
    private func serve(
        _ certificates: ServerCertificates, _ body: @Sendable @escaping (StreamingHarness) async throws -> Void
    ) async throws {
        try await StreamingHarness.serve({ $0.tls = certificates }, body)
    }

    /// What a command says, to a client with this certificate; and the server's own name.
    private func run(
        _ harness: StreamingHarness, certificate: String? = nil, key: String? = nil,
        _ change: (inout TLSConfiguration) -> Void = { _ in }
    ) async throws -> String {
        var configuration = TLSConfiguration.makeClientConfiguration()
        change(&configuration)
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(TLSSamples.ca.utf8)))
        if let certificate, let key {
            configuration.certificateChain = [
                .certificate(try NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem))
            ]
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        }
        let context = try NIOSSLContext(configuration: configuration)
        let path = try harness.exec(["echo", "hello"])
        let upgrade = WebSocketClient.upgrade + [("Sec-WebSocket-Protocol", "v5.channel.k8s.io")]
        return try await RawClient.connect(harness, tls: context) { raw in
            let head = try await raw.request("GET", path, upgrade)
            try #require(head.hasPrefix("HTTP/1.1 101 "), "\(head)")
            let (channels, _) = try await WebSocketClient(raw).readAll()
            return String(decoding: channels[1] ?? [], as: UTF8.self)
        }
    }

    @Test func `a session goes over TLS, whose addresses say so`() async throws {
        let files = try Files()
        try await serve(try ServerCertificates(files.withoutClientCA)) { harness in
            let said = try await run(harness)
            #expect(said == "hello\n")
        }
    }

    @Test func `with a client CA, who shows none of its certificates gets nowhere`() async throws {
        let files = try Files()
        try await serve(try ServerCertificates(files.served)) { harness in
            let said = try await run(harness, certificate: TLSSamples.client, key: TLSSamples.clientKey)
            #expect(said == "hello\n")
            await #expect(throws: (any Error).self) { try await run(harness) }
            await #expect(throws: (any Error).self) {
                try await run(harness, certificate: TLSSamples.stranger, key: TLSSamples.strangerKey)
            }
            #expect(
                try await run(harness, certificate: TLSSamples.client, key: TLSSamples.clientKey) == "hello\n")
        }
    }

    @Test func `a client without TLS is cut off, and the server serves on`() async throws {
        let files = try Files()
        try await serve(try ServerCertificates(files.withoutClientCA)) { harness in
            let path = try harness.exec(["true"])
            let text = try await RawClient.connect(harness) { raw in
                try await raw.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                return try await raw.readToEnd()
            }
            #expect(!text.contains("HTTP/"))
            #expect(try await run(harness) == "hello\n")
        }
    }

    @Test(
        "of TLS 1.2, suites without authenticated encryption are refused, others taken",
        arguments: [
            (NIOTLSCipher.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, false), (.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, false),
            (.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true), (.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, true),
        ])
    func suites(suite: NIOTLSCipher, isTaken: Bool) async throws {
        let files = try Files()
        try await serve(try ServerCertificates(files.withoutClientCA)) { harness in
            let said = try? await run(harness) {
                $0.maximumTLSVersion = .tlsv12
                $0.cipherSuiteValues = [suite]
            }
            #expect(said == (isTaken ? "hello\n" : nil))
        }
    }

    @Test func `new files are taken for the next client, and bad ones change nothing`() async throws {
        let (files, told) = (try Files(), Told())
        let certificates = try ServerCertificates(files.served) { told.add($0) }
        try await serve(certificates) { harness in
            func run() async throws -> String {
                try await self.run(harness, certificate: TLSSamples.client, key: TLSSamples.clientKey)
            }
            #expect(try await run() == "hello\n")
            // The certificate comes first: it has not its key yet.
            try files.write(TLSSamples.second, "crt")
            #expect(try await run() == "hello\n")
            #expect(try await run() == "hello\n")
            #expect(told.all.count == 1 && told.all[0]?.contains("does not belong") == true, "\(told.all)")
            try files.write(TLSSamples.secondKey, "key")
            #expect(try await run() == "hello\n")
            #expect(told.all.count == 2 && told.all[1] == nil, "\(told.all)")
            // Whose certificates clients must have, too.
            try files.write(TLSSamples.stranger, "ca")
            await #expect(throws: (any Error).self) { try await run() }
            try files.write("nothing", "ca")
            await #expect(throws: (any Error).self) { try await run() }
            #expect(told.all.last??.contains("holds no certificate in PEM") == true, "\(told.all)")
        }
    }

    @Test("files that make no sense are refused by name")
    func badFiles() throws {
        let files = try Files()
        func refusal() -> String {
            #expect(throws: ServerCertificates.Refusal.self) { try ServerCertificates(files.served) }?.description ?? ""
        }
        try files.write(TLSSamples.secondKey, "key")
        #expect(refusal().contains("does not belong to the certificate of \(files.path("crt"))"))
        try files.write(TLSSamples.serverKey, "key", mode: 0o644)
        #expect(refusal().contains("chmod 600 \(files.path("key"))"))
        try files.write("", "key")
        #expect(refusal() == "\(files.path("key")) holds no private key in PEM")
        try files.write("", "crt")
        #expect(refusal() == "\(files.path("crt")) holds no certificate in PEM")
        unlink(files.path("crt"))
        #expect(refusal() == "\(files.path("crt")) cannot be read: No such file or directory")
    }
}

/// What was told of files.
private final class Told: Sendable {
    private let list = Mutex<[String?]>([])
    func add(_ text: String?) { list.withLock { $0.append(text) } }
    var all: [String?] { list.withLock { $0 } }
}
