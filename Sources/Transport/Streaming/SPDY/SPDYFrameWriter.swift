import Gzip
import NIOCore

/// Frames in, bytes out.
package struct SPDYFrameWriter {
    private let deflater: DictionaryDeflater

    /// - Throws: when zlib has no memory.
    package init() throws(SPDYError) {
        do throws(CompressionError) {
            deflater = try DictionaryDeflater(dictionary: SPDYDictionary.bytes)
        } catch {
            throw SPDYError(error.description)
        }
    }

    /// - Throws: when zlib has no memory: the session's headers cannot be gone on with.
    package func write(_ frame: SPDYFrame, to bytes: inout ByteBuffer) throws(SPDYError) {
        switch frame {
        case .synStream(let id, let headers, let fin, let unidirectional):
            let block = try compressed(headers)
            let flags = (fin ? SPDY.flagFin : 0) | (unidirectional ? SPDY.flagUnidirectional : 0)
            Self.head(.synStream, flags, 10 + block.count, &bytes)
            bytes.writeMultipleIntegers(id, UInt32(0), UInt16(0))
            bytes.writeBytes(block)
        case .synReply(let id, let headers, let fin):
            let block = try compressed(headers)
            Self.head(.synReply, fin ? SPDY.flagFin : 0, 4 + block.count, &bytes)
            bytes.writeInteger(id)
            bytes.writeBytes(block)
        case .headers(let id, let headers, let fin):
            let block = try compressed(headers)
            Self.head(.headers, fin ? SPDY.flagFin : 0, 4 + block.count, &bytes)
            bytes.writeInteger(id)
            bytes.writeBytes(block)
        case .rstStream(let id, let status):
            Self.head(.rstStream, 0, 8, &bytes)
            bytes.writeMultipleIntegers(id, status)
        case .settings(let window):
            Self.head(.settings, 0, window == nil ? 4 : 12, &bytes)
            bytes.writeInteger(UInt32(window == nil ? 0 : 1))
            if let window { bytes.writeMultipleIntegers(UInt32(7), window) }
        case .ping(let id):
            Self.head(.ping, 0, 4, &bytes)
            bytes.writeInteger(id)
        case .goAway(let last, let status):
            Self.head(.goAway, 0, 8, &bytes)
            bytes.writeMultipleIntegers(last, status)
        case .windowUpdate(let id, let delta):
            Self.head(.windowUpdate, 0, 8, &bytes)
            bytes.writeMultipleIntegers(id, delta)
        case .data(let id, var content, let fin):
            Self.dataHead(id, content.readableBytes, fin: fin, &bytes)
            bytes.writeBuffer(&content)
        }
    }

    /// - Parameter count: below 16 MiB.
    static func dataHead(_ id: SPDYStreamID, _ count: Int, fin: Bool, _ bytes: inout ByteBuffer) {
        bytes.writeMultipleIntegers(id, UInt32(fin ? SPDY.flagFin : 0) << 24 | UInt32(count & 0xff_ffff))
    }

    private static func head(_ type: SPDYFrameType, _ flags: UInt8, _ length: Int, _ bytes: inout ByteBuffer) {
        bytes.writeMultipleIntegers(
            0x8000 | SPDY.version, type.rawValue, UInt32(flags) << 24 | UInt32(length & 0xff_ffff))
    }

    private func compressed(_ headers: SPDYHeaders?) throws(SPDYError) -> [UInt8] {
        do throws(CompressionError) {
            return try deflater.compress((headers ?? SPDYHeaders()).block)
        } catch {
            throw SPDYError(error.description)
        }
    }
}
