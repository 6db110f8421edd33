/// How streams share a WebSocket: each message begins with the number of its channel.
package enum ChannelProtocol: String, CaseIterable, Sendable {
    /// `v4`, and a message with which a client ends a channel.
    case v5 = "v5.channel.k8s.io"
    /// The error channel ends with a status in JSON.
    case v4 = "v4.channel.k8s.io"
    case v4Base64 = "v4.base64.channel.k8s.io"
    /// The error channel has text, where there is an error.
    case v1 = "channel.k8s.io"
    case v1Base64 = "base64.channel.k8s.io"
    /// Of a client that names none: as `channel.k8s.io`.
    case unnamed = ""

    var isBase64: Bool { self == .v4Base64 || self == .v1Base64 }
    var hasStatus: Bool { self == .v5 || self == .v4 || self == .v4Base64 }
    var canCloseChannels: Bool { self == .v5 }
}

/// The channels of a command (the numbers of a process's descriptors, and two more).
enum CommandChannel {
    static let stdin: UInt8 = 0
    static let stdout: UInt8 = 1
    static let stderr: UInt8 = 2
    static let error: UInt8 = 3
    static let resize: UInt8 = 4
    /// In `v5`: the channel whose number follows is ended.
    static let close: UInt8 = 255
}
