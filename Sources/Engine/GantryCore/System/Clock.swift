import Glibc

/// The time, in nanoseconds.
package enum Clock {
    /// Since the epoch: for records.
    package static func now() -> Int64 { read(CLOCK_REALTIME) }

    /// Since some moment of this boot: for deadlines.
    package static func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
