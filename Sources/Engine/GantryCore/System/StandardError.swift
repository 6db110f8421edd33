import Glibc

/// What the supervisor has to say goes to standard error, which is the journal of its unit.
package enum StandardError {
    package static func write(_ line: String) {
        var line = line + "\n"
        // Nothing can be done about a journal that takes nothing, and nobody is to wait for it.
        _ = line.withUTF8 { bytes in
            let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
            if send(2, bytes.baseAddress, bytes.count, flags) >= 0 || errno != ENOTSOCK { return 0 }
            return Glibc.write(2, bytes.baseAddress, bytes.count)
        }
    }
}
