import ByteText

/// `8080:80`, `80` for both, `:80` for a free port here.
struct PortPair: Equatable {
    let local: UInt16
    let remote: UInt16

    init(_ text: String) throws {
        let (local, remote) = text.cut(at: ":").map { (String($0.before), String($0.after)) } ?? (text, text)
        guard let remote = UInt16(digits: remote), remote > 0, let local = local.isEmpty ? 0 : UInt16(digits: local)
        else {
            throw ConsoleError(
                "\(text) must be [LOCAL:]REMOTE, from 1 to 65535, as 8080:80 or :80")
        }
        (self.local, self.remote) = (local, remote)
    }
}
