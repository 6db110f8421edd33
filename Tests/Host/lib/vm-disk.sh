# shellcheck shell=bash
# The guest's disk: a Debian 12 with what the project needs at run time, and a unit that runs the
# command of the payload disk. It is kept under a hash of all that determines it.

VM_SUITE=bookworm
VM_MIRROR=${RKTLET_TEST_MIRROR:-http://deb.debian.org/debian}
VM_PACKAGES=(systemd systemd-sysv dbus udev kmod linux-image-cloud-amd64 apparmor
    crun skopeo containernetworking-plugins golang-github-containers-common iptables nftables iproute2
    libnghttp2-14 libjson-c5 libyaml-0-2 libarchive13 libsystemd0 zlib1g libstdc++6 ca-certificates
    busybox-static docker-registry python3 procps nghttp2-client)
# What a test machine has no use for, or what starts by itself in the middle of a test.
VM_MASKED=(apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
    systemd-timesyncd.service systemd-tmpfiles-clean.timer docker-registry.service getty@tty1.service serial-getty@ttyS0.service
    systemd-networkd.service man-db.timer logrotate.timer systemd-pstore.service)

guest_runner() {
    cat << 'END'
#!/bin/bash
# Mounts the payload, puts its files in place, runs its command, says the exit status.
exec > /dev/virtio-ports/output 2>&1 < /dev/null
mkdir -p /payload && mount /dev/vdb /payload || { echo "guest: no payload"; echo 125 > /dev/virtio-ports/status; exit; }
while IFS= read -r path; do
    if [ -d "/payload/files$path" ]; then
        mkdir -p "$path" && mount --bind "/payload/files$path" "$path"
    else
        mkdir -p "${path%/*}" && ln -sfn "/payload/files$path" "$path"
    fi
done < /payload/paths
bash /payload/command
status=$?
sync
echo $status > /dev/virtio-ports/status
END
}

guest_unit() {
    cat << 'END'
[Unit]
Description=The command of the payload disk
After=multi-user.target systemd-udev-settle.service
Wants=systemd-udev-settle.service
[Service]
Type=exec
ExecStart=/usr/local/sbin/run-payload
Delegate=yes
Environment=HOME=/root LANG=C.UTF-8
[Install]
WantedBy=multi-user.target
END
}

disk_hash() {
    { echo "$VM_SUITE" "${VM_PACKAGES[@]}" "${VM_MASKED[@]}"; guest_runner; guest_unit; declare -f build_disk; } | sha256sum | cut -c1-16
}

# Prints the directory with disk.ext4, vmlinuz and initrd; makes it where it is not there yet.
disk() {
    local made
    made=$CACHE/vm-$(disk_hash)
    mkdir -p "$CACHE" || return 1
    (
        flock 9
        [ -e "$made/disk.ext4" ] || build_disk "$made" >&2
    ) 9> "$CACHE/vm.lock" || { echo "vm: cannot make the disk (log: $CACHE/debootstrap.log)" >&2; return 1; }
    echo "$made"
}

build_disk() {
    local made=$1 work unit packages
    work=$(mktemp -d "$CACHE/making.XXXXXX") || return 1
    # shellcheck disable=SC2064
    trap "umount --lazy '$work'/root/proc '$work'/root/sys 2> /dev/null; rm -rf --one-file-system '$work'" EXIT
    packages=$(IFS=,; echo "${VM_PACKAGES[*]}")
    echo "vm: making a Debian $VM_SUITE (one to three minutes) ..."
    debootstrap --variant=minbase --include="$packages" "$VM_SUITE" "$work/root" "$VM_MIRROR" \
        > "$CACHE/debootstrap.log" 2>&1 || { tail -n 20 "$CACHE/debootstrap.log"; return 1; }
    guest_runner > "$work/root/usr/local/sbin/run-payload" && chmod 755 "$work/root/usr/local/sbin/run-payload" || return 1
    guest_unit > "$work/root/etc/systemd/system/run-payload.service"
    ln -s ../run-payload.service "$work/root/etc/systemd/system/multi-user.target.wants/" || return 1
    for unit in "${VM_MASKED[@]}"; do ln -sf /dev/null "$work/root/etc/systemd/system/$unit"; done
    echo test-vm > "$work/root/etc/hostname"
    printf '127.0.0.1 localhost test-vm\n::1 localhost\n' > "$work/root/etc/hosts"
    : > "$work/root/etc/machine-id"
    mkdir "$work/made" && cp "$work"/root/boot/vmlinuz-* "$work/made/vmlinuz" && cp "$work"/root/boot/initrd.img-* "$work/made/initrd" || return 1
    rm -rf "$work"/root/var/cache/apt/* "$work"/root/var/lib/apt/lists/* "$work"/root/boot/*
    mkfs.ext4 -q -F -d "$work/root" -L root "$work/made/disk.ext4" 6G > /dev/null || return 1
    mv "$work/made" "$made" && echo "vm: disk ready: $made"
}
