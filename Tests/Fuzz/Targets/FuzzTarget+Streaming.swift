import NIOCore

@testable import Streaming

extension FuzzTarget {
    /// A SPDY session's input: frames, headers and their compression, streams and windows. The first byte says how the others are cut.
    static let spdy = FuzzTarget("spdy", longest: 8192) { input in
        guard let first = input.first else { return }
        let bytes = Array(input.dropFirst())
        let whole = try SPDYStory(bytes, by: max(bytes.count, 1))
        let cut = try SPDYStory(bytes, by: Int(first) + 1)
        try promise(whole == cut, "another story in pieces of \(Int(first) + 1) bytes")
        try promise(whole.output.count <= 64 + 8 * bytes.count, "\(whole.output.count) bytes for \(bytes.count)")
        for data in whole.data.values { PlantedTrap.here(data, beginsWith: "deeper") }
    }

    /// A WebSocket's input, with its channels in every protocol. The first byte says how the others are cut.
    static let websocket = FuzzTarget("websocket", longest: 4096) { input in
        guard let first = input.first else { return }
        let bytes = Array(input.dropFirst())
        for codec in ChannelProtocol.allCases {
            let whole = ChannelStory(bytes, by: max(bytes.count, 1), codec)
            try promise(whole == ChannelStory(bytes, by: Int(first) + 1, codec), "another story in pieces: \(codec)")
            let count = whole.channels.values.reduce(0) { $0 + $1.count }
            try promise(count <= bytes.count, "\(count) bytes out of \(bytes.count)")
            if let data = whole.channels[0] { PlantedTrap.here(data, beginsWith: "deep") }
        }
    }
}

/// What a session's input comes to, whatever the pieces.
private struct SPDYStory: Equatable {
    var data: [SPDYStreamID: [UInt8]] = [:]
    var others: [String] = []
    var output: [UInt8] = []

    init(_ bytes: [UInt8], by count: Int) throws {
        var connection = try SPDYConnection()
        var (opened, isOver): (Set<SPDYStreamID>, Bool) = ([], false)
        for start in stride(from: 0, to: bytes.count, by: count) {
            connection.receive(ByteBuffer(bytes: bytes[start..<min(start + count, bytes.count)]))
            while let event = connection.nextEvent() {
                try promise(!isOver, "something after the end")
                switch event {
                case .opened(let id, let headers):
                    try promise(opened.insert(id).inserted && !id.isMultiple(of: 2), "stream \(id) twice, or even")
                    connection.accept(id)
                    others.append("opened \(id) \(headers.fields)")
                case .data(let id, let content):
                    try promise(opened.contains(id), "data of stream \(id), which is none")
                    data[id, default: []] += content.readableBytesView
                case .failed(let error):
                    isOver = true
                    others.append("failed \(error)")
                default:
                    others.append("\(event)")
                }
            }
        }
        output = Array((connection.takeOutput() ?? ByteBuffer()).readableBytesView)
    }
}

private struct ChannelStory: Equatable {
    var channels: [UInt8: [UInt8]] = [:]
    var sizes: [String] = []
    var others: [String] = []

    init(_ bytes: [UInt8], by count: Int, _ codec: ChannelProtocol) {
        var (socket, reader) = (WebSocketReader(), ChannelReader(codec))
        for start in stride(from: 0, to: bytes.count, by: count) {
            socket.append(ByteBuffer(bytes: bytes[start..<min(start + count, bytes.count)]))
            do throws(WebSocketError) {
                while let piece = try socket.next() {
                    guard case .message(let content, _, let isFirst, let isLast) = piece else {
                        others.append("\(piece)")
                        if case .close = piece { return }
                        continue
                    }
                    switch reader.read(content, isFirst: isFirst, isLast: isLast) {
                    case .data(let channel, let content): channels[channel, default: []] += content.readableBytesView
                    case .closed(let channel): others.append("closed \(channel)")
                    case nil: break
                    }
                    if let failure = reader.failure { throw failure }
                }
            } catch {
                others.append("\(error)")
                break
            }
        }
        var resizes = ResizeReader()
        sizes = [resizes.read(ByteBuffer(bytes: channels[4] ?? []))].map { "\($0 as Any)" }
    }
}
