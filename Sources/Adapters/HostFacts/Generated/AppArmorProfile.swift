// Made by scripts/embed. Change deploy/apparmor/rktlet-default, not this file.

/// The profile of containers that ask for none, for a host on which it is not installed.
enum AppArmorProfile {
    static let text = ###"""
# The profile of containers that ask for none, or for the runtime's default. Loaded by apparmor.service at boot, and by
#   apparmor_parser --replace /etc/apparmor.d/rktlet-default
#
# What a container may do is mostly a matter of its capabilities, mounts and namespaces. This takes away what would reach the host should one of
# those be wider than it ought to be: mounting, and the kernel's own controls below /proc and /sys.

#include <tunables/global>

profile rktlet-default flags=(attach_disconnected, mediate_deleted) {
  #include <abstractions/base>

  capability,
  file,
  network,
  unix,
  umount,

  # From the host's side it is the sender, and the tracer, who must be allowed to.
  signal (receive),
  signal (send) peer=rktlet-default,
  ptrace (readby, tracedby),
  ptrace (read, trace) peer=rktlet-default,

  deny mount,
  deny remount,
  deny pivot_root,

  # Files of /proc itself, and the directories there that belong to no process. Sysctls are set by the pod's own configuration.
  deny /proc/[a-z]* wkl,
  deny /proc/{acpi,asound,bus,driver,dynamic_debug,fs,irq,scsi,tty}/** wkl,
  deny /proc/sys/** wkl,
  deny /proc/{kcore,kmem,mem,sysrq-trigger} rwklx,

  # All of /sys but cgroups, which a container may have been given.
  deny /sys/{block,bus,class,dev,devices,hypervisor,module,power}/** wkl,
  deny /sys/fs/{bpf,btrfs,ext4,fuse,pstore,selinux,xfs}/** wkl,
  deny /sys/kernel/** wkl,
  deny /sys/{firmware,kernel/debug,kernel/security,kernel/tracing}/** rwklx,
}

"""###
}
