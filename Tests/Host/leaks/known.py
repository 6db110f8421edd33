"""Differences that are nobody's leak. Each is matched against "kind name"."""

# What the system does by itself while a test runs.
IGNORED = [
    r"^unit (user@|user-|session-|init\.scope|systemd-|dbus|emergency|getty|modprobe@|ldconfig|e2scrub|sys-|dev-)",
    r"^cgroup \S+ /(user\.slice|init\.scope|system\.slice/(systemd-|dbus|system-systemd|system-modprobe|modprobe@|dev-|sys-)).*",
    r"^process .* (\(sd-[a-z-]+\)|systemd-[a-z]+|\(udev-worker\)|dbus-daemon|agetty|\(systemd\)|\(sd-executor\)) ",
    r"^mount (pid 1|own) /(run/systemd|run/credentials|proc/sys/fs/binfmt_misc)",
    r"^file /var/tmp/systemd-private-",
    r"^file /var/tmp/(.*/)?\.build/",  # of a checkout there, which is built beside the tests
    r"^file /run/crun$",  # any call of crun makes it
    # What pods that are gone told last is kept for readers that are behind: the newest 128 of a node, which tests of the engine count (ADR 20).
    r"^file /run/rktlet/engine/events(/removed(/\d+)?)?$",
]

# What the CNI plugins leave by design, once per host and not per pod: the bridge, the top-level chains of
# portmap and firewall with the rules that lead into them, host-local's note of the last address.
RESIDUE = [
    r"^link \S+ bridge$",
    r"^iptables \S+ \S+ :?(-A \S+ )?.*\bCNI-(HOSTPORT-(DNAT|MASQ|SETMARK)|FORWARD|ADMIN)\b(?!.*CNI-DN-)",
    r"^nftables \S+ \S+ (chain|rule) \S*.*CNI-(HOSTPORT-(DNAT|MASQ|SETMARK)|FORWARD|ADMIN)\b(?!.*CNI-DN-)",
    r"^nftables (ip|ip6) (nat|filter|mangle|raw) table$",
    r"^file /var/lib/cni$",
    r"^file /var/lib/cni/(networks|results|cache)$",
    r"^file /var/lib/cni/networks/[^/]+(/lock|/last_reserved_ip\.\d+)?$",
]
