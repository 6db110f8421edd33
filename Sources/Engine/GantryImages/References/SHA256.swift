import CArchive

/// A running SHA-256.
struct SHA256 {
    private var state = gantry_sha256()

    init() {
        gantry_sha256_init(&state)
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        gantry_sha256_update(&state, bytes.baseAddress, bytes.count)
    }

    /// The digest of everything so far; the hash is spent afterwards.
    mutating func finish() -> Digest {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        let hex = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { bytes in
            bytes.initialize(repeating: 0)
            gantry_sha256_finish(&state, bytes.baseAddress)
            return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        }
        guard let digest = Digest(hex: hex) else { preconditionFailure("32 bytes are 64 hex digits") }
        return digest
    }

    static func digest(of bytes: [UInt8]) -> Digest {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update($0) }
        return hash.finish()
    }
}
