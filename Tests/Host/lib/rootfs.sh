# shellcheck shell=bash
# The root file system of an instance, made in its own mount namespace and pivoted into.
# Every step may fail the boot: the caller sees the status, $DIR/log the message.

MNT=$DIR/mnt
ROOT=$MNT/root

build_root() (
    set -e
    mount -t tmpfs -o mode=755,size=4g testhost "$MNT"
    mkdir "$MNT/upper" "$MNT/work" "$ROOT"
    mount -t overlay -o "lowerdir=/,upperdir=$MNT/upper,workdir=$MNT/work" overlay "$ROOT"
    mount_proc_and_sys
    mount_cgroups
    make_dev
    mount_volatile
    choose_units
    make_var
    mount_binds
    name_the_host
)

mount_proc_and_sys() {
    local sys_mode=ro
    mount -t proc -o nosuid,nodev,noexec proc "$ROOT/proc"
    if ! option sysctl-rw && ! option privileged; then
        # The machine's sysctls read-only; those of the network namespace are the instance's own.
        mount --bind "$ROOT/proc/sys" "$ROOT/proc/sys"
        mount --bind "$ROOT/proc/sys/net" "$ROOT/proc/sys/net"
        mount -o remount,bind,ro,nosuid,nodev,noexec "$ROOT/proc/sys"
    fi
    option privileged && sys_mode=rw
    mount -t sysfs -o "$sys_mode,nosuid,nodev,noexec" sysfs "$ROOT/sys"
}

# From a cgroup namespace that is not the first, no v1 hierarchy can be made or changed for the host.
mount_cgroups() {
    local key at=$ROOT/sys/fs/cgroup
    if only_cgroup2; then mount_hierarchy '' "$at"; return; fi
    mount -t tmpfs -o mode=755,nosuid,nodev,noexec cgroup "$at"
    while IFS=: read -r _ key _; do
        mkdir "$at/$(hierarchy_name "$key")"
        mount_hierarchy "$key" "$at/$(hierarchy_name "$key")"
    done < "$DIR/cgroups"
}

make_dev() {
    local dev=$ROOT/dev node name major minor host
    mount -t tmpfs -o mode=755,nosuid,size=64m dev "$dev"
    mkdir "$dev/pts" "$dev/shm" "$dev/mqueue" "$dev/net"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$dev/pts"
    mount -t tmpfs -o mode=1777,nosuid,nodev shm "$dev/shm"
    mount -t mqueue -o nosuid,nodev,noexec mqueue "$dev/mqueue"
    for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 fuse:10:229 net/tun:10:200; do
        IFS=: read -r name major minor <<< "$node"
        mknod -m 666 "$dev/$name" c "$major" "$minor"
    done
    if option privileged; then
        for host in /dev/loop-control /dev/loop[0-9]* /dev/kvm; do
            [ ! -e "$host" ] || cp -a "$host" "$dev/"
        done
    fi
    ln -s pts/ptmx "$dev/ptmx"
    ln -s /proc/self/fd "$dev/fd"
    ln -s fd/0 "$dev/stdin"; ln -s fd/1 "$dev/stdout"; ln -s fd/2 "$dev/stderr"
}

mount_volatile() {
    mount -t tmpfs -o mode=755,nosuid,nodev,size=1g run "$ROOT/run"
    mount -t tmpfs -o mode=1777,nosuid,nodev,size=2g tmp "$ROOT/tmp"
    mkdir -p "$ROOT/run/lock" "$ROOT/run/host/proc" "$ROOT/run/host/sys"
    # A user namespace may mount proc and sysfs only where an unobstructed instance of each is
    # visible (mount_too_revealing() in the kernel), and the ones in place are mounted over.
    mount -t proc -o nosuid,nodev,noexec proc "$ROOT/run/host/proc"
    mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$ROOT/run/host/sys"
    echo testhost > "$ROOT/run/host/container-manager"   # systemd: the container interface
}

# Nothing that the host enables is started: no generators, no units but the journal and the bus.
choose_units() {
    local units=$ROOT/etc/systemd/system lib=/lib/systemd/system unit
    rm -rf "$ROOT"/usr/lib/systemd/system-generators/* "$ROOT"/etc/systemd/system-generators/* \
        "$ROOT"/usr/lib/systemd/system/*.wants "$ROOT"/etc/systemd/system/* "$ROOT"/etc/systemd/system.conf.d/* \
        "$ROOT"/etc/systemd/journald.conf.d/* "$ROOT"/etc/tmpfiles.d/*
    mkdir -p "$units/sysinit.target.wants" "$units/sockets.target.wants" \
        "$ROOT/etc/systemd/journald.conf.d" "$ROOT/etc/systemd/system.conf.d"
    ln -s $lib/systemd-journald.service $lib/systemd-tmpfiles-setup.service "$units/sysinit.target.wants/"
    ln -s $lib/systemd-journald.socket $lib/systemd-journald-dev-log.socket $lib/dbus.socket "$units/sockets.target.wants/"
    for unit in systemd-logind.service systemd-timesyncd.service systemd-hostnamed.service polkit.service \
        systemd-journald-audit.socket; do
        ln -s /dev/null "$units/$unit"
    done
    printf '[Journal]\nStorage=volatile\nAudit=no\nRateLimitIntervalSec=0\n' > "$ROOT/etc/systemd/journald.conf.d/testhost.conf"
    # Without CAP_SYS_RESOURCE a service's rlimit above the hard limit fails its start.
    printf '[Manager]\nDefaultLimitNOFILE=%s:%s\nDefaultTimeoutStopSec=2s\nShowStatus=no\n' \
        "$(ulimit -Hn)" "$(ulimit -Hn)" > "$ROOT/etc/systemd/system.conf.d/testhost.conf"
    printf '[Unit]\nDescription=%s\nRequires=basic.target dbus.service\nAfter=basic.target dbus.service\nWants=%s\nAllowIsolate=yes\n' \
        'The journal, the bus, and what a test starts' testhost-booted.service > "$units/testhost.target"
    printf '[Unit]\nAfter=testhost.target\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/touch /run/testhost-booted\n' \
        > "$units/testhost-booted.service"
}

# A real file system, as an overlay cannot be the upper layer of another one; where the state
# directory is on an overlay itself (inside a container image), a tmpfs has to do.
make_var() {
    local var=$DIR/var
    if [ "$(stat -f -c %T "$var")" = overlayfs ]; then mount -t tmpfs -o mode=755,size=4g var "$var"; fi
    mkdir -p "$var/lib/dbus" "$var/log" "$var/cache" "$var/spool" "$var/tmp"
    chmod 1777 "$var/tmp"
    ln -s /run "$var/run"
    ln -s /run/lock "$var/lock"
    mount --bind "$var" "$ROOT/var"
}

mount_binds() {
    local kind path
    while read -r kind path; do
        case $kind in bind | ro-bind) ;; *) continue ;; esac
        if [ -d "$path" ]; then
            mkdir -p "$ROOT$path"
        else
            mkdir -p "$ROOT${path%/*}"
            : >> "$ROOT$path"
        fi
        mount --bind "$path" "$ROOT$path"   # not recursive: the instance's own root may be below
        [ "$kind" = bind ] || mount -o remount,bind,ro "$ROOT$path"
    done < "$DIR/options"
}

name_the_host() {
    local name=test-$NAME
    hostname "$name"
    rm -f "$ROOT/etc/hostname" "$ROOT/etc/hosts" "$ROOT/etc/fstab" "$ROOT/etc/machine-id"
    echo "$name" > "$ROOT/etc/hostname"
    printf '127.0.0.1 localhost %s\n::1 localhost\n' "$name" > "$ROOT/etc/hosts"
    : > "$ROOT/etc/fstab"
    tr -d - < /proc/sys/kernel/random/uuid > "$ROOT/etc/machine-id"
    option host-net || ip link set lo up
}

boot() {
    mkdir "$ROOT/.old" && cd "$ROOT" && pivot_root . .old || die "$NAME: pivot_root failed"
    exec /usr/bin/env -i container=testhost LANG=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /bin/sh -c '
            umount --lazy /.old && rmdir /.old &&
            exec /lib/systemd/systemd --system --unit=testhost.target --log-target=journal --log-level=info \
                --show-status=no' < /dev/null
}
