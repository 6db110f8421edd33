import ByteText
import Glibc
import NIOSSL
import Synchronization

/// What the streaming server shows of itself by TLS, and what its clients must show: from files, which are read again when they have changed.
///
/// They are looked at when a client comes. New ones that make no sense (a certificate without its key yet, half a file) change nothing; the ones before stay in
/// use, and it is told once.
package final class ServerCertificates: Sendable {
    /// Absolute paths of PEM files.
    package struct Files: Hashable, Sendable {
        /// The server's, and behind it those that lead to its root.
        package var certificate: String
        package var key: String
        /// Whose certificates clients must have; nil: clients show none.
        package var clientCA: String?
        package init(certificate: String, key: String, clientCA: String?) {
            (self.certificate, self.key, self.clientCA) = (certificate, key, clientCA)
        }
    }

    /// What is wrong with the files, for a person.
    package struct Refusal: Error, CustomStringConvertible {
        package let description: String
    }

    /// By what a file is known to be the same: as make(1) does, but not by the time alone.
    private struct Mark: Equatable {
        var device: dev_t = 0
        var inode: ino_t = 0
        var size: off_t = 0
        var seconds = 0
        var nanoseconds = 0
    }

    private struct State {
        var context: NIOSSLContext
        var marks: [Mark]
    }

    private static let largest = 1 << 20

    /// Of TLS 1.2: those with forward secrecy and authenticated encryption, as TLS 1.3 has no others (RFC 9325, section 4.2).
    private static let suites: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]

    private let files: Files
    private let report: @Sendable (_ error: String?) -> Void
    private let state: Mutex<State>

    /// - Parameter report: told each time that other files were taken, or with the error that they were not.
    /// - Throws: ``Refusal``.
    package init(_ files: Files, report: @escaping @Sendable (String?) -> Void = { _ in }) throws(Refusal) {
        self.files = files
        self.report = report
        // Before they are read: what changes meanwhile is read again.
        let marks = Self.marks(files)
        state = Mutex(State(context: try Self.read(files), marks: marks))
    }

    /// For the next connection. It reads files: not to be called on an event loop.
    package func current() -> NIOSSLContext {
        let marks = Self.marks(files)
        var outcome: Result<Void, Refusal>?
        let context = state.withLock { state in
            guard state.marks != marks else { return state.context }
            state.marks = marks
            do throws(Refusal) {
                state.context = try Self.read(files)
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            return state.context
        }
        switch outcome {
        case .success: report(nil)
        case .failure(let error): report(error.description)
        case nil: break
        }
        return context
    }

    private static func marks(_ files: Files) -> [Mark] {
        [files.certificate, files.key, files.clientCA].map { path in
            var status = stat()
            guard let path, stat(path, &status) == 0 else { return Mark() }
            return Mark(
                device: status.st_dev, inode: status.st_ino, size: status.st_size, seconds: status.st_mtim.tv_sec,
                nanoseconds: status.st_mtim.tv_nsec)
        }
    }

    private static func read(_ files: Files) throws(Refusal) -> NIOSSLContext {
        let chain = try certificates(files.certificate)
        let key = try parsing(files.key, "holds no private key in PEM") { bytes in
            try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        }
        try refuseOpenKey(files.key)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = suites
        configuration.applicationProtocols = ["http/1.1"]
        if let path = files.clientCA {
            configuration.trustRoots = .certificates(try certificates(path))
            // Of clients only who has signed them is asked, and each must show one.
            configuration.certificateVerification = .noHostnameVerification
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw Refusal(
                description: "the key of \(files.key) does not belong to the certificate of \(files.certificate)")
        }
    }

    private static func certificates(_ path: String) throws(Refusal) -> [NIOSSLCertificate] {
        let found = try parsing(path, "holds no certificate in PEM") { try NIOSSLCertificate.fromPEMBytes($0) }
        guard !found.isEmpty else { throw Refusal(description: "\(path) holds no certificate in PEM") }
        return found
    }

    private static func parsing<Value>(
        _ path: String, _ what: String, _ parse: ([UInt8]) throws -> Value
    ) throws(Refusal) -> Value {
        let bytes = try bytes(path)
        do { return try parse(bytes) } catch { throw Refusal(description: "\(path) \(what)") }
    }

    /// A key that everybody can read is nobody's.
    private static func refuseOpenKey(_ path: String) throws(Refusal) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o007 == 0 else {
            throw Refusal(description: "\(path) holds a key that everybody can read: chmod 600 \(path)")
        }
    }

    private static func bytes(_ path: String) throws(Refusal) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw Refusal(description: "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var (bytes, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, bytes.count <= largest else {
                let cause = count < 0 ? String(cString: strerror(errno)) : "it is too long"
                throw Refusal(description: "\(path) cannot be read: \(cause)")
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }
}
