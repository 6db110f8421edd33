/// The CRI log files of containers.
package protocol ContainerLogs: Sendable {
    /// The lines of a log file, in the order they were written; without an error when the file does not exist (yet).
    ///
    /// With ``LogQuery/follow`` the stream goes on with what is written later, also into the file that a rotation puts in its place. It
    /// ends once `ended` has, after the lines that are there by then; or with its task.
    ///
    /// - Parameters:
    ///   - path: absolute.
    ///   - ended: finishes when nobody writes the log any more.
    func lines(
        of path: String, _ query: LogQuery, ended: AsyncStream<Never>
    ) -> AsyncThrowingStream<[LogLine], any Error>
}

/// Which lines of a log are meant.
package struct LogQuery: Hashable, Sendable {
    /// At most this many lines from the end; nil: all.
    package var tail: Int?
    package var since: Timestamp?
    /// Go on with what is written from now on.
    package var follow = false
    /// Nil: both.
    package var stream: LogStreamName?
    package init() {}
}

package enum LogStreamName: String, Sendable, CaseIterable { case stdout, stderr }

/// One line of a CRI log file.
package struct LogLine: Hashable, Sendable {
    package var at: Timestamp
    /// As it is in the file: RFC 3339 with nanoseconds.
    package var time: String
    package var stream: LogStreamName
    /// A piece of a longer line that goes on in the next one.
    package var isPartial: Bool
    /// Without the line's end.
    package var content: [UInt8]

    package init(at: Timestamp, time: String, stream: LogStreamName, isPartial: Bool, content: [UInt8]) {
        self.at = at
        self.time = time
        self.stream = stream
        self.isPartial = isPartial
        self.content = content
    }
}
