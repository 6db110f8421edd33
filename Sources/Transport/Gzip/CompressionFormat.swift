import CZlib

/// A container of deflate data that zlib reads and writes.
package enum CompressionFormat: Sendable, Hashable {
    /// RFC 1952; what HTTP and gRPC call `gzip`.
    case gzip
    /// RFC 1950 (zlib); what HTTP and gRPC call `deflate`.
    case zlib

    /// zlib's `windowBits`: the largest window, plus 16 for the gzip container.
    var windowBits: Int32 {
        switch self {
        case .gzip: MAX_WBITS + 16
        case .zlib: MAX_WBITS
        }
    }
}
