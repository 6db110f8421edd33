import ByteText
import Glibc
import SystemPackage

/// The file with the token for what changes something through the gateway on TCP.
enum TokenFile {
    private static let shortest = 16

    /// The token; made, with mode 0600, when there is none yet.
    ///
    /// - Throws: ``StartError`` for a file that others can read, that is too short a secret, or that cannot be read or made.
    static func token(at path: String) throws -> String {
        do {
            if let token = try read(path) { return token }
            try make(path)
            if let token = try read(path) { return token }
            throw StartError("gatewayTokenFile \(path): it vanished")
        } catch let error as Errno {
            throw StartError("gatewayTokenFile \(path): \(error)")
        }
    }

    private static func read(_ path: String) throws -> String? {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
        } catch Errno.noSuchFileOrDirectory {
            return nil
        }
        return try descriptor.closeAfter {
            var status = stat()
            guard fstat(descriptor.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
            guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0, status.st_uid == geteuid() else {
                throw StartError(
                    "gatewayTokenFile \(path): others can read it; chown and chmod 600 it, or remove it for a new one")
            }
            let text = try withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
                let count = try descriptor.read(into: buffer)
                return String(decoding: buffer[..<count], as: UTF8.self)
            }
            let token = text.leading { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }.head
            guard token.utf8.count >= shortest, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw StartError(
                    "gatewayTokenFile \(path): its first line must be \(shortest) or more printable characters; remove it for a new one"
                )
            }
            return String(token)
        }
    }

    /// Under another name first: nobody ever sees half a token.
    private static func make(_ path: String) throws {
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
