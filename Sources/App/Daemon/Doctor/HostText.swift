import SystemPackage

/// A small file's text; nil where there is none.
enum HostText {
    static func read(_ path: String) -> String? {
        guard let descriptor = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else { return nil }
        return try? descriptor.closeAfter {
            try String(unsafeUninitializedCapacity: 65536) {
                try descriptor.read(into: UnsafeMutableRawBufferPointer($0))
            }
        }
    }
}
