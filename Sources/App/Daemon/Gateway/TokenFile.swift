import Gateway
import Glibc
import SystemPackage

/// A file with a token of the gateway on TCP.
package struct TokenFile {
    private static let shortest = 16

    private let path: String
    /// The setting that names it.
    private let key: SettingKey

    package init(_ key: SettingKey, at path: String) {
        self.key = key
        self.path = path
    }

    /// Both tokens, which must differ: what a scraper has must not open anything else.
    static func access(_ settings: Settings) throws -> AccessPolicy {
        let token = try TokenFile(.gatewayTokenFile, at: settings.gatewayTokenFile).made()
        let metricsToken = try TokenFile(.metricsTokenFile, at: settings.metricsTokenFile).made()
        guard !token.utf8.elementsEqual(metricsToken.utf8) else {
            throw StartError(
                "metricsTokenFile \(settings.metricsTokenFile): it holds the token of gatewayTokenFile; remove it for a new one, or name another file"
            )
        }
        return .loopback(token: token, metricsToken: metricsToken)
    }

    /// The token; made, with mode 0600, when there is none yet.
    ///
    /// - Throws: ``StartError`` for a file that others can read, that is too short a secret, or that cannot be read or made.
    func made() throws -> String {
        do {
            if let token = try read() { return token }
            try make()
            if let token = try read() { return token }
            throw StartError("\(key.rawValue) \(path): it vanished")
        } catch let error as Errno {
            throw StartError("\(key.rawValue) \(path): \(error)")
        }
    }

    /// Nil when there is no such file.
    ///
    /// - Throws: ``StartError``, or `Errno`.
    package func read() throws -> String? {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
        } catch Errno.noSuchFileOrDirectory {
            return nil
        }
        return try descriptor.closeAfter {
            var status = stat()
            guard fstat(descriptor.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
            guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0, status.st_uid == geteuid() else {
                throw StartError(
                    "\(key.rawValue) \(path): others can read it; chown and chmod 600 it, or remove it for a new one")
            }
            let text = try withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
                let count = try descriptor.read(into: buffer)
                return Array(buffer[..<count])
            }
            let token = text.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            guard token.count >= Self.shortest, token.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw StartError(
                    "\(key.rawValue) \(path): its first line must be \(Self.shortest) or more printable characters; remove it for a new one"
                )
            }
            return String(decoding: token, as: UTF8.self)
        }
    }

    /// Under another name first: nobody ever sees half a token.
    private func make() throws {
        var generator = SystemRandomNumberGenerator()
        let token = (0..<4).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = try FileDescriptor.open(
            temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
            permissions: [.ownerReadWrite])
        try descriptor.closeAfter { _ = try descriptor.writeAll((token + "\n").utf8) }
        // Not over one that somebody else has made meanwhile.
        guard link(temporary, path) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
        unlink(temporary)
    }
}
