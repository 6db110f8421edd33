import ByteText
import Domain
import Glibc

/// What the processes of a cgroup use now, as procfs tells it (proc(5), `/proc/PID/stat`), where no controller counts it: on version 1, a service of a
/// systemd that runs in a container of systemd-nspawn's, which has the cgroups of systemd alone.
///
/// It is less than a controller knows: the time of processes that have ended is in what their parents have waited for, and pages that several
/// share are counted for each.
struct ProcessUsage {
    /// So many are looked at.
    static let most = 4096

    /// Where procfs is.
    let processes: String

    /// - Returns: nil where none of the processes is there any more.
    func read(_ numbers: [UInt64], at time: Timestamp) -> CgroupUsage? {
        var sum = Stat()
        var count: UInt64 = 0
        for number in numbers.prefix(Self.most) {
            guard let stat = KernelFile.read("\(processes)/\(number)/stat", in: AT_FDCWD, Stat.init) ?? nil else {
                continue
            }
            count += 1
            sum.add(stat)
        }
        guard count > 0 else { return nil }
        let bytes = sum.pages.multipliedSaturating(by: UInt64(max(1, sysconf(CInt(_SC_PAGESIZE)))))
        let tick = 1_000_000_000 / UInt64(max(1, sysconf(CInt(_SC_CLK_TCK))))
        return CgroupUsage(
            at: time, cpu: sum.ticks.multipliedSaturating(by: tick),
            memory: MemoryUsage(
                usage: bytes, workingSet: bytes, rss: bytes, pageFaults: sum.faults, majorPageFaults: sum.majorFaults,
                limit: nil),
            tasks: sum.threads)
    }

    private struct Stat {
        /// Of the process, and of its children that it has waited for.
        var ticks: UInt64 = 0
        var threads: UInt64 = 0
        var pages: UInt64 = 0
        var faults: UInt64 = 0
        var majorFaults: UInt64 = 0

        init() {}

        /// Field 2 is the command's name in parentheses, in which anything may stand: what is counted stands behind the last one.
        init?(_ text: KernelText) {
            guard let end = text.bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
            var rest = KernelText(bytes: UnsafeRawBufferPointer(rebasing: text.bytes[(end + 1)...])).firstLine
            var fields: [UInt64?] = []
            while let (word, after) = rest.cut(at: UInt8(ascii: " ")), fields.count < 23 {
                fields.append(word.number)
                rest = after
            }
            // The first word is empty, then comes field 3.
            func field(_ number: Int) -> UInt64? { number - 2 < fields.count ? fields[number - 2] : nil }
            guard let user = field(14), let system = field(15), let pages = field(24) else { return nil }
            ticks = [user, system, field(16) ?? 0, field(17) ?? 0].reduce(0) { $0.addingSaturating($1) }
            (threads, self.pages) = (field(20) ?? 1, pages)
            faults = (field(10) ?? 0).addingSaturating(field(11) ?? 0)
            majorFaults = (field(12) ?? 0).addingSaturating(field(13) ?? 0)
        }

        mutating func add(_ other: Stat) {
            ticks = ticks.addingSaturating(other.ticks)
            threads = threads.addingSaturating(other.threads)
            pages = pages.addingSaturating(other.pages)
            faults = faults.addingSaturating(other.faults)
            majorFaults = majorFaults.addingSaturating(other.majorFaults)
        }
    }
}
