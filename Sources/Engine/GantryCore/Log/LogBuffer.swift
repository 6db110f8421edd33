import Glibc

/// Formatted lines on their way to a file, in memory that is lent. One byte is left free before them.
struct LogBuffer {
    /// Room for a piece with its head, and for a few hundred short lines.
    static let size = 64 << 10

    private let space: UnsafeMutableRawBufferPointer
    private(set) var count = 1

    /// - Parameter space: one byte more than it is to hold.
    init(_ space: UnsafeMutableRawBufferPointer) { self.space = space }

    /// Lends memory for a buffer.
    static func with(size: Int = LogBuffer.size, _ body: (inout LogBuffer) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { space in
            var buffer = LogBuffer(space)
            body(&buffer)
        }
    }

    var isEmpty: Bool { count == 1 }
    func hasRoom(for length: Int) -> Bool { length <= space.count - count }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, let target = space.baseAddress else { return }
        precondition(hasRoom(for: bytes.count), "LogBuffer: no room")
        memcpy(target + count, source, bytes.count)
        count += bytes.count
    }

    mutating func append(_ byte: UInt8) {
        space[count] = byte
        count += 1
    }

    /// The lines; with a line feed before them where `isTorn`.
    func lines(isTorn: Bool) -> UnsafeRawBufferPointer {
        if isTorn { space[0] = UInt8(ascii: "\n") }
        return UnsafeRawBufferPointer(rebasing: space[(isTorn ? 0 : 1)..<count])
    }

    mutating func removeAll() { count = 1 }
}
