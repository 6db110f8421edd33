import ByteText
import Glibc
import Measures
import SystemPackage

/// What this process uses, under the names that Prometheus's client libraries have for it.
enum ProcessMetrics {
    static var families: [MetricFamily] {
        var families: [MetricFamily] = []
        if let fields = statFields {
            let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
            families += [
                MetricFamily(
                    "process_cpu_seconds_total", .counter, "CPU time of this process.",
                    value: (fields[11] + fields[12]) / ticks),
                MetricFamily(
                    "process_resident_memory_bytes", .gauge, "Resident memory of this process.",
                    value: fields[21] * Double(getpagesize())),
                MetricFamily(
                    "process_virtual_memory_bytes", .gauge, "Virtual memory of this process.", value: fields[20]),
                MetricFamily("process_threads", .gauge, "Threads of this process.", value: fields[17]),
            ]
            if let boot = bootTime {
                families.append(
                    MetricFamily(
                        "process_start_time_seconds", .gauge, "When this process started, seconds since the epoch.",
                        value: boot + fields[19] / ticks))
            }
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            families.append(
                MetricFamily(
                    "process_max_fds", .gauge, "How many descriptors this process may have.",
                    value: Double(limit.rlim_cur)))
        }
        families.append(
            MetricFamily(
                "process_open_fds", .gauge, "Descriptors that this process has.", value: Double(openDescriptors)))
        return families
    }

    /// proc_pid_stat(5) from the third field on: those behind the name, which may hold anything.
    private static var statFields: [Double]? {
        guard let text = text(of: "/proc/self/stat"), let (_, behind) = text.cutLast(at: ")") else { return nil }
        let fields = behind.words(at: " ").map { Double($0) ?? 0 }
        return fields.count > 21 ? fields : nil
    }

    private static var bootTime: Double? {
        text(of: "/proc/stat")?.lines.lazy.compactMap { $0.without(prefix: "btime ") }.first.flatMap { Double($0) }
    }

    private static var openDescriptors: Int {
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        // Not counted: `.`, `..` and the one it is read by.
        var count = -3
        while readdir(directory) != nil { count += 1 }
        return count
    }

    private static func text(of path: String) -> String? {
        guard let descriptor = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else { return nil }
        return try? descriptor.closeAfter {
            try withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { buffer in
                let count = try descriptor.read(into: buffer)
                return String(decoding: buffer[..<count], as: UTF8.self)
            }
        }
    }
}
