import ByteText
import CLinux
import Glibc

/// The memory that this process has from malloc(3), which keeps most of what is freed: after a flood of requests a daemon stays as large as it
/// was in the middle of it.
package struct HeapMemory: Hashable, Sendable {
    /// Bytes of memory that are not on disk: of the whole process.
    package var resident: Int
    /// Bytes that somebody uses.
    package var inUse: Int
    /// Bytes that nobody uses. Some of them may have been given back: malloc(3) does not count those.
    package var free: Int

    package init(resident: Int, inUse: Int, free: Int) {
        self.resident = resident
        self.inUse = inUse
        self.free = free
    }

    /// As it is now. It goes through what is free: some milliseconds after a flood.
    package static func now() -> HeapMemory {
        let info = mallinfo2()
        return HeapMemory(resident: resident, inUse: Int(info.uordblks), free: Int(info.fordblks))
    }

    /// Gives what nobody uses back to the kernel, as far as that goes by pages.
    package static func giveBack() { malloc_trim(0) }

    /// proc_pid_statm(5), the second field.
    private static var resident: Int {
        let words = HostFiles.text(of: "/proc/self/statm")?.words(at: " ") ?? []
        return words.count > 1 ? (Int(digits: words[1]) ?? 0).multipliedSaturating(by: Int(getpagesize())) : 0
    }
}

/// When memory is given back: going through all of it costs milliseconds, so only when it has been worth it.
package struct HeapPolicy: Sendable {
    /// Less than this is not worth a look.
    package static let worthwhile = 16 << 20

    /// Resident when it was last given back, or first seen.
    private var base: Int?
    /// The most that was in use since then.
    private var peak = 0

    package init() {}

    /// Whether there is much that was used since the last time and is free now: either it is seen that less is in use, or the process has grown
    /// and much is free, where the peak itself was not seen.
    package mutating func shallGiveBack(_ memory: HeapMemory) -> Bool {
        peak = max(peak, memory.inUse)
        let grown = memory.resident - (base ?? memory.resident)
        base = min(base ?? memory.resident, memory.resident)
        return peak - memory.inUse >= Self.worthwhile || (grown >= Self.worthwhile && memory.free >= Self.worthwhile)
    }

    /// - Parameter memory: after it was given back.
    package mutating func gaveBack(_ memory: HeapMemory) {
        base = memory.resident
        peak = memory.inUse
    }
}
