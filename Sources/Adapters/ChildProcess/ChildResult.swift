import ByteText

/// How a program ended, and what it printed.
package struct ChildResult: Equatable, Sendable {
    package enum End: Equatable, Sendable, CustomStringConvertible {
        case code(Int32)
        case signal(Int32)

        package var description: String {
            switch self {
            case .code(let code): "exit code \(code)"
            case .signal(let signal): "signal \(signal)"
            }
        }
    }

    package let end: End
    package let output: [UInt8]
    package let outputWasCut: Bool
    /// The end of what it wrote to stderr.
    package let error: [UInt8]
    package let errorWasCut: Bool

    package var succeeded: Bool { end == .code(0) }
    package var outputText: String { String(decoding: output, as: UTF8.self) }
    package var errorText: String { String(decoding: error, as: UTF8.self) }

    /// The last line of stderr that holds anything, for messages.
    package var lastErrorLine: String {
        errorText.lines.last { !$0.trimmed.isEmpty }.map { String($0.without(suffix: "\r") ?? $0) } ?? ""
    }
}
