import CGantry
import Glibc

/// pidfd_open(2).
func pidfdOpen(_ pid: pid_t) -> Int32 { gantry_pidfd_open(pid) }
