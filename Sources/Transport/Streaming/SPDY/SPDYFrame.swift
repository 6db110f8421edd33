import NIOCore

/// One frame of SPDY/3.1 (draft 3, section 2.2), or a piece of a long one.
package enum SPDYFrame: Equatable {
    /// Nil for headers that can be read and must not be so: a name twice, upper case, too many.
    case synStream(SPDYStreamID, headers: SPDYHeaders?, fin: Bool, unidirectional: Bool)
    case synReply(SPDYStreamID, headers: SPDYHeaders?, fin: Bool)
    case rstStream(SPDYStreamID, status: UInt32)
    /// The initial window of streams, if it is among the settings.
    case settings(initialWindow: UInt32?)
    case ping(UInt32)
    case goAway(lastGoodStream: SPDYStreamID, status: UInt32)
    case headers(SPDYStreamID, SPDYHeaders?, fin: Bool)
    case windowUpdate(SPDYStreamID, delta: UInt32)
    /// As it came: a long frame is in pieces, the last of which has `fin`.
    case data(SPDYStreamID, ByteBuffer, fin: Bool)
}

/// 31 bits; 0 is the session.
package typealias SPDYStreamID = UInt32

enum SPDYFrameType: UInt16 {
    case synStream = 1
    case synReply = 2
    case rstStream = 3
    case settings = 4
    case ping = 6
    case goAway = 7
    case headers = 8
    case windowUpdate = 9
}

/// Why a stream is reset (draft 3, section 2.6.3).
package enum SPDYStatus: UInt32, Sendable {
    case protocolError = 1
    case invalidStream = 2
    case refusedStream = 3
    case unsupportedVersion = 4
    case cancel = 5
    case internalError = 6
    case flowControlError = 7
    case streamInUse = 8
    case streamAlreadyClosed = 9
    case frameTooLarge = 11
}

/// What ends a whole session: after it nothing that the peer sends can be understood, or trusted.
package struct SPDYError: Error, Equatable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

enum SPDY {
    static let version: UInt16 = 3
    /// A control frame may have so many bytes, and its headers as many when they are decompressed.
    static let controlLimit = 64 * 1024
    static let initialWindow = 64 * 1024
    static let flagFin: UInt8 = 1
    static let flagUnidirectional: UInt8 = 2
}
