import Gzip
import NIOCore

/// Bytes in, frames out; in whatever pieces the bytes come, and with no more held than one control frame.
package struct SPDYFrameReader {
    private enum State {
        case head
        /// Of a data frame that is under way: how many bytes are to come.
        case data(SPDYStreamID, left: Int, fin: Bool)
        /// Of a control frame of an unknown type: those are passed over.
        case skipping(left: Int)
    }

    private var buffer = ByteBuffer()
    private var state = State.head
    private let inflater: DictionaryInflater

    /// - Throws: when zlib has no memory.
    package init() throws(SPDYError) {
        do throws(CompressionError) {
            inflater = try DictionaryInflater(dictionary: SPDYDictionary.bytes)
        } catch {
            throw SPDYError(error.description)
        }
    }

    package mutating func append(_ bytes: ByteBuffer) { buffer.append(bytes) }

    /// Nil until more bytes have come.
    ///
    /// - Throws: what ends the session; nothing is to be read after it.
    package mutating func next() throws(SPDYError) -> SPDYFrame? {
        while true {
            switch state {
            case .head:
                guard let frame = try head() else {
                    if case .head = state { return nil }
                    continue
                }
                return frame
            case .data(let id, let left, let fin):
                guard left > 0 else {
                    state = .head
                    return .data(id, ByteBuffer(), fin: fin)
                }
                guard let piece = buffer.readSlice(length: min(left, buffer.readableBytes)), piece.readableBytes > 0
                else { return nil }
                let rest = left - piece.readableBytes
                state = rest > 0 ? .data(id, left: rest, fin: fin) : .head
                return .data(id, piece, fin: fin && rest == 0)
            case .skipping(let left):
                let count = min(left, buffer.readableBytes)
                buffer.moveReaderIndex(forwardBy: count)
                guard count == left else {
                    state = .skipping(left: left - count)
                    return nil
                }
                state = .head
            }
        }
    }

    /// A control frame that is there as a whole; nil when it is not, or when the state has changed.
    private mutating func head() throws(SPDYError) -> SPDYFrame? {
        guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self),
            let second = buffer.getInteger(at: buffer.readerIndex + 4, as: UInt32.self)
        else { return nil }
        let (flags, length) = (UInt8(second >> 24), Int(second & 0xff_ffff))
        guard first & 0x8000_0000 != 0 else {
            guard first != 0 else { throw SPDYError("data of stream 0") }
            buffer.moveReaderIndex(forwardBy: 8)
            state = .data(first, left: length, fin: flags & SPDY.flagFin != 0)
            return nil
        }
        let version = UInt16(first >> 16 & 0x7fff)
        guard version == SPDY.version else { throw SPDYError("a frame of version \(version), not \(SPDY.version)") }
        guard length <= SPDY.controlLimit else { throw SPDYError("a control frame of \(length) bytes") }
        guard let type = SPDYFrameType(rawValue: UInt16(first & 0xffff)) else {
            buffer.moveReaderIndex(forwardBy: 8)
            state = .skipping(left: length)
            return nil
        }
        guard buffer.readableBytes >= 8 + length else { return nil }
        buffer.moveReaderIndex(forwardBy: 8)
        guard var body = buffer.readSlice(length: length) else { return nil }
        return try control(type, flags, &body)
    }

    private func control(_ type: SPDYFrameType, _ flags: UInt8, _ body: inout ByteBuffer) throws(SPDYError) -> SPDYFrame
    {
        let fin = flags & SPDY.flagFin != 0
        switch type {
        case .synStream:
            let id = try streamID(&body)
            // The stream it is associated to, its priority and its slot.
            _ = try number(&body)
            guard body.readInteger(as: UInt16.self) != nil else { throw Self.short }
            return .synStream(
                id, headers: try headers(&body), fin: fin, unidirectional: flags & SPDY.flagUnidirectional != 0)
        case .synReply:
            let id = try streamID(&body)
            return .synReply(id, headers: try headers(&body), fin: fin)
        case .headers:
            let id = try streamID(&body)
            return .headers(id, try headers(&body), fin: fin)
        case .rstStream:
            return try whole(.rstStream(streamID(&body), status: number(&body)), body)
        case .settings:
            return try settings(&body)
        case .ping:
            return try whole(.ping(number(&body)), body)
        case .goAway:
            return try whole(.goAway(lastGoodStream: number(&body) & 0x7fff_ffff, status: number(&body)), body)
        case .windowUpdate:
            let (id, delta) = (try number(&body) & 0x7fff_ffff, try number(&body) & 0x7fff_ffff)
            return try whole(.windowUpdate(id, delta: delta), body)
        }
    }

    private static let short = SPDYError("a control frame that is too short")

    private func whole(_ frame: SPDYFrame, _ rest: ByteBuffer) throws(SPDYError) -> SPDYFrame {
        guard rest.readableBytes == 0 else { throw SPDYError("a control frame that is too long") }
        return frame
    }

    private func number(_ body: inout ByteBuffer) throws(SPDYError) -> UInt32 {
        guard let number = body.readInteger(as: UInt32.self) else { throw Self.short }
        return number
    }

    private func streamID(_ body: inout ByteBuffer) throws(SPDYError) -> SPDYStreamID {
        let id = try number(&body) & 0x7fff_ffff
        guard id != 0 else { throw SPDYError("a frame of stream 0") }
        return id
    }

    /// Each block has to be read, also one that is for nobody: they are one stream of zlib's.
    private func headers(_ body: inout ByteBuffer) throws(SPDYError) -> SPDYHeaders? {
        let compressed = body.readBytes(length: body.readableBytes) ?? []
        let block: [UInt8]
        do throws(CompressionError) {
            block = try inflater.decompress(compressed, limit: SPDY.controlLimit)
        } catch {
            throw SPDYError("headers: \(error)")
        }
        return try SPDYHeaders(block: block)
    }

    private func settings(_ body: inout ByteBuffer) throws(SPDYError) -> SPDYFrame {
        let count = try number(&body)
        var window: UInt32?
        for _ in 0..<count {
            let (id, value) = (try number(&body) & 0xff_ffff, try number(&body))
            if id == 7 { window = value & 0x7fff_ffff }
        }
        return try whole(.settings(initialWindow: window), body)
    }
}
