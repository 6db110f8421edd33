/// The families of metrics that monitoring expects of containers, by the names that cAdvisor gave them.
package enum MetricName: String, Sendable, CaseIterable {
    case cpuUsage = "container_cpu_usage_seconds_total"
    case cpuUser = "container_cpu_user_seconds_total"
    case cpuSystem = "container_cpu_system_seconds_total"
    case cfsPeriods = "container_cpu_cfs_periods_total"
    case cfsThrottledPeriods = "container_cpu_cfs_throttled_periods_total"
    case cfsThrottledTime = "container_cpu_cfs_throttled_seconds_total"
    case memoryUsage = "container_memory_usage_bytes"
    case memoryWorkingSet = "container_memory_working_set_bytes"
    case memoryRSS = "container_memory_rss"
    case memoryCache = "container_memory_cache"
    case memoryMapped = "container_memory_mapped_file"
    case memoryKernel = "container_memory_kernel_usage"
    case memorySwap = "container_memory_swap"
    case memoryFailcnt = "container_memory_failcnt"
    case memoryMax = "container_memory_max_usage_bytes"
    case memoryFailures = "container_memory_failures_total"
    case oomEvents = "container_oom_events_total"
    case networkReceiveBytes = "container_network_receive_bytes_total"
    case networkReceivePackets = "container_network_receive_packets_total"
    case networkReceiveErrors = "container_network_receive_errors_total"
    case networkReceiveDropped = "container_network_receive_packets_dropped_total"
    case networkTransmitBytes = "container_network_transmit_bytes_total"
    case networkTransmitPackets = "container_network_transmit_packets_total"
    case networkTransmitErrors = "container_network_transmit_errors_total"
    case networkTransmitDropped = "container_network_transmit_packets_dropped_total"
    case fsUsage = "container_fs_usage_bytes"
    case fsInodes = "container_fs_inodes_used"
    case fsLimit = "container_fs_limit_bytes"
    case fsInodesTotal = "container_fs_inodes_total"
    case fsInodesFree = "container_fs_inodes_free"
    case fsReads = "container_fs_reads_total"
    case fsReadBytes = "container_fs_reads_bytes_total"
    case fsWrites = "container_fs_writes_total"
    case fsWriteBytes = "container_fs_writes_bytes_total"
    case deviceUsage = "container_blkio_device_usage_total"
    case processes = "container_processes"
    case threads = "container_threads"
    case threadsMax = "container_threads_max"
    case fileDescriptors = "container_file_descriptors"
    case sockets = "container_sockets"
    case softLimits = "container_ulimits_soft"
    case hugePages = "container_hugetlb_usage_bytes"
    case hugePagesMax = "container_hugetlb_max_usage_bytes"
    case specCPUPeriod = "container_spec_cpu_period"
    case specCPUQuota = "container_spec_cpu_quota"
    case specCPUShares = "container_spec_cpu_shares"
    case specMemoryLimit = "container_spec_memory_limit_bytes"
    case specMemoryReservation = "container_spec_memory_reservation_limit_bytes"
    case specSwapLimit = "container_spec_memory_swap_limit_bytes"
    case startTime = "container_start_time_seconds"
    case lastSeen = "container_last_seen"
    case pressureCPUStalled = "container_pressure_cpu_stalled_seconds_total"
    case pressureCPUWaiting = "container_pressure_cpu_waiting_seconds_total"
    case pressureMemoryStalled = "container_pressure_memory_stalled_seconds_total"
    case pressureMemoryWaiting = "container_pressure_memory_waiting_seconds_total"
    case pressureIOStalled = "container_pressure_io_stalled_seconds_total"
    case pressureIOWaiting = "container_pressure_io_waiting_seconds_total"

    /// Every family has these: whose the number is. The container's are empty where it is the pod's.
    package static let commonLabels = ["container", "id", "image", "name", "namespace", "pod"]

    package var labelKeys: [String] { Self.commonLabels + ownLabels }

    private var ownLabels: [String] {
        switch self {
        case .memoryFailures:
            ["failure_type", "scope"]
        case .networkReceiveBytes, .networkReceivePackets, .networkReceiveErrors, .networkReceiveDropped,
            .networkTransmitBytes, .networkTransmitPackets, .networkTransmitErrors, .networkTransmitDropped:
            ["interface"]
        case .fsUsage, .fsInodes, .fsInodesTotal, .fsInodesFree, .fsLimit, .fsReads, .fsReadBytes, .fsWrites,
            .fsWriteBytes:
            ["device"]
        case .deviceUsage: ["device", "major", "minor", "operation"]
        case .softLimits: ["ulimit"]
        case .hugePages, .hugePagesMax: ["pagesize"]
        default: []
        }
    }

    /// It only rises.
    package var isCounter: Bool {
        switch self {
        case .memoryUsage, .memoryWorkingSet, .memoryRSS, .memoryCache, .memoryMapped, .memoryKernel, .memorySwap,
            .memoryMax, .fsUsage, .fsInodes, .fsInodesTotal, .fsInodesFree, .fsLimit, .processes, .threads, .threadsMax,
            .fileDescriptors, .sockets, .softLimits, .hugePages, .hugePagesMax, .specCPUPeriod, .specCPUQuota,
            .specCPUShares, .specMemoryLimit, .specMemoryReservation, .specSwapLimit, .startTime, .lastSeen:
            false
        default: true
        }
    }

    /// It counts seconds that have passed.
    package var isDuration: Bool {
        switch self {
        case .cpuUsage, .cpuUser, .cpuSystem, .cfsThrottledTime, .pressureCPUStalled, .pressureCPUWaiting,
            .pressureMemoryStalled, .pressureMemoryWaiting, .pressureIOStalled, .pressureIOWaiting:
            true
        default: false
        }
    }

    package var help: String {
        switch self {
        case .cpuUsage: "CPU time used, in seconds."
        case .cpuUser: "CPU time used in user mode, in seconds."
        case .cpuSystem: "CPU time used in kernel mode, in seconds."
        case .cfsPeriods: "Periods of the CPU quota that have passed."
        case .cfsThrottledPeriods: "Periods in which the CPU quota was used up."
        case .cfsThrottledTime: "Time spent waiting for the next period of the CPU quota, in seconds."
        case .memoryUsage: "Memory in use, caches included, in bytes."
        case .memoryWorkingSet: "Memory in use without inactive file pages, in bytes."
        case .memoryRSS: "Anonymous memory in use, in bytes."
        case .memoryCache: "Page cache in use, in bytes."
        case .memoryMapped: "Files mapped into memory, in bytes."
        case .memoryKernel: "Memory that the kernel uses for it, in bytes."
        case .memorySwap: "Swap in use, in bytes."
        case .memoryFailcnt: "How often the memory limit was met."
        case .memoryMax: "The most memory that was in use, in bytes."
        case .memoryFailures: "Page faults by their type."
        case .oomEvents: "Processes that the kernel killed for want of memory."
        case .networkReceiveBytes: "Bytes received."
        case .networkReceivePackets: "Packets received."
        case .networkReceiveErrors: "Errors while receiving."
        case .networkReceiveDropped: "Packets dropped while receiving."
        case .networkTransmitBytes: "Bytes sent."
        case .networkTransmitPackets: "Packets sent."
        case .networkTransmitErrors: "Errors while sending."
        case .networkTransmitDropped: "Packets dropped while sending."
        case .fsUsage: "What the writable layer takes of the disk, in bytes."
        case .fsInodes: "Inodes of the writable layer."
        case .fsLimit: "The size of the file system of writable layers, in bytes."
        case .fsInodesTotal: "Inodes that the file system of writable layers has in all."
        case .fsInodesFree: "Inodes that are free on the file system of writable layers."
        case .fsReads: "Reads completed."
        case .fsReadBytes: "Bytes read."
        case .fsWrites: "Writes completed."
        case .fsWriteBytes: "Bytes written."
        case .deviceUsage: "Bytes read from and written to a block device."
        case .processes: "Processes."
        case .threads: "Processes and their threads."
        case .threadsMax: "The limit of processes and their threads, 0 without one."
        case .fileDescriptors: "Open file descriptors of its processes."
        case .sockets: "Open sockets of its processes."
        case .softLimits: "The soft limit of its first process; of open files."
        case .hugePages: "Huge pages in use, in bytes, by their size."
        case .hugePagesMax: "The most huge pages that were in use, in bytes, by their size."
        case .specCPUPeriod: "The period of the CPU quota, in microseconds."
        case .specCPUQuota: "The CPU quota, in microseconds of each period."
        case .specCPUShares: "CPU shares."
        case .specMemoryLimit: "The memory limit in bytes, 0 without one."
        case .specMemoryReservation: "The memory that is kept for it in bytes, 0 without any."
        case .specSwapLimit: "The limit of memory and swap together in bytes, 0 without one."
        case .startTime: "When it started, in seconds since the epoch."
        case .lastSeen: "When it was last read, in seconds since the epoch."
        case .pressureCPUStalled: "Time in which all tasks waited for the CPU, in seconds."
        case .pressureCPUWaiting: "Time in which a task waited for the CPU, in seconds."
        case .pressureMemoryStalled: "Time in which all tasks waited for memory, in seconds."
        case .pressureMemoryWaiting: "Time in which a task waited for memory, in seconds."
        case .pressureIOStalled: "Time in which all tasks waited for I/O, in seconds."
        case .pressureIOWaiting: "Time in which a task waited for I/O, in seconds."
        }
    }
}
