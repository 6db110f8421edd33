import NIOCore
import Testing

@testable import Streaming

@Suite(.timeLimit(.minutes(10))) struct WebSocketCodecTests {
    private func read(_ bytes: [UInt8], by count: Int) throws -> [WebSocketReader.Piece] {
        var (reader, pieces) = (WebSocketReader(), [WebSocketReader.Piece]())
        for start in stride(from: 0, to: bytes.count, by: count) {
            reader.append(ByteBuffer(bytes: bytes[start..<min(start + count, bytes.count)]))
            while let piece = try reader.next() {
                if case .message(var more, let isText, false, let isLast) = piece,
                    case .message(var bytes, isText, let isFirst, false) = pieces.last
                {
                    bytes.writeBuffer(&more)
                    pieces[pieces.count - 1] = .message(bytes, isText: isText, isFirst: isFirst, isLast: isLast)
                } else {
                    pieces.append(piece)
                }
            }
        }
        return pieces
    }

    private func frame(_ opcode: UInt8, _ bytes: [UInt8], isFinal: Bool = true) -> [UInt8] {
        Array(WebSocketClient.frame(opcode, bytes, isFinal: isFinal).readableBytesView)
    }

    @Test("frames of all lengths are unmasked, in whatever pieces they come", arguments: [1, 3, 8, 1000, 1_000_000])
    func lengths(count: Int) throws {
        for length in [0, 1, 2, 7, 9, 125, 126, 65535, 65536, 70001] {
            let content = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let pieces = try read(frame(2, content), by: count)
            #expect(pieces == [.message(ByteBuffer(bytes: content), isText: false, isFirst: true, isLast: true)])
        }
    }

    @Test func `a message in parts is one, with a ping between them`() throws {
        let bytes = frame(1, [65], isFinal: false) + frame(0, [], isFinal: false) + frame(0, [66])
        let message = WebSocketReader.Piece.message(ByteBuffer(string: "AB"), isText: true, isFirst: true, isLast: true)
        #expect(try read(bytes, by: 1) == [message])
        let pings = frame(1, [65], isFinal: false) + frame(9, [1]) + frame(0, [66])
        #expect(try read(pings, by: 100).contains(.ping(ByteBuffer(bytes: [1]))))
        #expect(try read(frame(8, [3, 232]), by: 1) == [.close(code: 1000)])
    }

    @Test(
        "what breaks the protocol is refused",
        arguments: [
            // Not masked; reserved bits; a continuation of nothing; an unknown opcode; a long ping; a ping in parts; half a code; 64 bits of length.
            [0x82, 1, 65], [0xc2, 0x81, 0, 0, 0, 0, 65], [0x80, 0x80, 0, 0, 0, 0], [0x83, 0x80, 0, 0, 0, 0],
            [0x89, 0xfe, 0, 126, 0, 0, 0, 0], [0x09, 0x80, 0, 0, 0, 0], [0x88, 0x81, 0, 0, 0, 0, 1],
            [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0x02, 0x80, 0, 0, 0, 0, 0x82, 0x80, 0, 0, 0, 0],
        ] as [[UInt8]])
    func refused(bytes: [UInt8]) throws {
        for count in [1, 100] {
            let error = #expect(throws: WebSocketError.self) { _ = try read(bytes, by: count) }
            #expect(error?.code == 1002)
        }
    }

    @Test(
        "a text is UTF-8, in whatever pieces it comes",
        arguments: [
            ([0x41, 0xc3, 0xa4, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80], nil), ([], nil), ([0xff], 0),
            ([65, 0x80], 1),
            // Longer than need be; a surrogate; beyond the last character; a character that is cut short, by another and by the end.
            ([0xc0, 0x80], 0), ([0xe0, 0x9f, 0x80], 1), ([0xed, 0xa0, 0x80], 1), ([0xf4, 0x90, 0x80, 0x80], 1),
            ([65, 0xe2, 0x82, 66], 3), ([65, 0xe2, 0x82], 3),
        ] as [([UInt8], Int?)])
    func text(bytes: [UInt8], good: Int?) throws {
        for count in [1, 2, 100] {
            for parts in [
                frame(1, bytes),
                frame(1, [], isFinal: false) + bytes.flatMap { frame(0, [$0], isFinal: false) } + frame(0, []),
            ] {
                var (reader, heard, isWhole, code): (WebSocketReader, [UInt8], Bool, UInt16?) = (
                    .init(), [], false, nil
                )
                do throws(WebSocketError) {
                    for start in stride(from: 0, to: parts.count, by: count) {
                        reader.append(ByteBuffer(bytes: parts[start..<min(start + count, parts.count)]))
                        while let piece = try reader.next() {
                            guard case .message(let bytes, true, _, let isLast) = piece else { continue }
                            heard += bytes.readableBytesView
                            isWhole = isLast
                        }
                    }
                } catch {
                    code = error.code
                }
                #expect(heard == Array(bytes[..<(good ?? bytes.count)]))
                #expect(isWhole == (good == nil) && code == (good == nil ? nil : 1007))
            }
        }
        // Other messages are whatever they are.
        #expect(try read(frame(2, bytes), by: 1).count == 1)
    }

    @Test func `a close says why in a code that there is, and in UTF-8`() throws {
        #expect(try read(frame(8, []), by: 1) == [.close(code: nil)])
        for code: UInt16 in [1000, 1001, 1007, 1011, 1014, 3000, 4999] {
            let bytes = [UInt8(code >> 8), UInt8(code & 0xff)]
            #expect(try read(frame(8, bytes + Array("bye ä".utf8)), by: 1) == [.close(code: code)])
            let error = #expect(throws: WebSocketError.self) { _ = try read(frame(8, bytes + [0xe2, 0x82]), by: 1) }
            #expect(error?.code == 1007)
        }
        for code: UInt16 in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
            let error = #expect(throws: WebSocketError.self) {
                _ = try read(frame(8, [UInt8(code >> 8), UInt8(code & 0xff)]), by: 1)
            }
            #expect(error?.code == 1002)
        }
    }

    @Test(
        "base64 that is none ends the session behind what had a meaning, in whatever pieces it comes",
        arguments: [
            ("0aGVs!!!!bG8K", "hel"), ("0aGVsbG8", "hel"), ("0aGk=aGk=", "hi"), ("0aGVsa", "hel"), ("0====", ""),
            ("0a", ""), ("0aGk=a", "hi"),
        ])
    func brokenBase64(text: String, good: String) {
        for count in 1...14 {
            var (reader, heard) = (ChannelReader(.v4Base64), [UInt8]())
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: count) {
                let end = min(start + count, bytes.count)
                let piece = reader.read(
                    ByteBuffer(bytes: bytes[start..<end]), isFirst: start == 0, isLast: end == bytes.count)
                if case .data(0, let content) = piece { heard += content.readableBytesView }
            }
            #expect(heard == Array(good.utf8))
            #expect(reader.failure?.code == 1007)
            #expect(reader.read(ByteBuffer(string: "0aGk="), isFirst: true, isLast: true) == nil)
        }
    }

    @Test func `channels are told apart, and base64 is read in whatever pieces it comes`() {
        func read(_ codec: ChannelProtocol, _ text: String, by count: Int) -> [UInt8] {
            var (reader, bytes, all) = (ChannelReader(codec), Array(text.utf8), [UInt8]())
            if !codec.isBase64 { bytes[0] = 0 }
            for start in stride(from: 0, to: bytes.count, by: count) {
                let end = min(start + count, bytes.count)
                let piece = reader.read(
                    ByteBuffer(bytes: bytes[start..<end]), isFirst: start == 0, isLast: end == bytes.count)
                if case .data(0, let content) = piece { all += content.readableBytesView }
            }
            return all
        }
        for count in 1...9 {
            #expect(read(.v4Base64, "0aGVsbG8K", by: count) == Array("hello\n".utf8))
            #expect(read(.v5, "0hello", by: count) == Array("hello".utf8))
        }
        var reader = ChannelReader(.v5)
        #expect(reader.read(ByteBuffer(bytes: [255, 0]), isFirst: true, isLast: true) == .closed(channel: 0))
        #expect(reader.read(ByteBuffer(bytes: [255]), isFirst: true, isLast: true) == nil)
        var old = ChannelReader(.v4)
        #expect(
            old.read(ByteBuffer(bytes: [255, 0]), isFirst: true, isLast: true)
                == .data(channel: 255, ByteBuffer(bytes: [0])))
    }

    @Test func `sizes are whole objects, and the last of them counts`() {
        var reader = ResizeReader()
        #expect(reader.read(ByteBuffer(string: #"{"Width":80,"#)) == nil)
        #expect(reader.read(ByteBuffer(string: "\"Height\":24}\n"))?.columns == 80)
        #expect(reader.read(ByteBuffer(string: #"{"Width":1,"Height":2}{"Width":3,"Height":4}"#))?.rows == 4)
        #expect(reader.read(ByteBuffer(string: #"{"Width":0,"Height":0}"#)) == nil)
        #expect(reader.read(ByteBuffer(string: #"{"Width":65536,"Height":1}"#)) == nil)
        // What made no sense once has no beginning by which to go on.
        #expect(reader.read(ByteBuffer(string: #"{"Width":3,"Height":4}"#)) == nil)
    }
}
