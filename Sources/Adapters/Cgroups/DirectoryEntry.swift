import Glibc

extension UnsafeMutablePointer<dirent> {
    /// The entry's name, for as long as the entry stands.
    var name: UnsafePointer<CChar> {
        let start = UnsafeRawPointer(self) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 19)
        return start.assumingMemoryBound(to: CChar.self)
    }
}
