# shellcheck shell=bash
# The guest's disks, kept under a hash of all that determines them. Both have a unit that runs the command of the payload disk.
#
#   fresh.ext4   a Debian as one installs it, and what the tests are made with; the packages of a node are in a repository on it
#   disk.ext4    the same with those packages installed

VM_SUITE=${RKTLET_TEST_SUITE:-bookworm}
VM_MIRROR=${RKTLET_TEST_MIRROR:-http://deb.debian.org/debian}
# The second and third lines are of what Debian's installer always brings, and of what tests are made with.
VM_FRESH=(systemd systemd-sysv dbus udev kmod linux-image-cloud-amd64 libstdc++6
    apparmor ca-certificates gnupg iproute2 netbase nftables openssl procps python3
    busybox-static docker-registry)
# What the package of rktlet asks for, and what tests look with.
VM_NODE=(crun runc criu skopeo containernetworking-plugins golang-github-containers-common iptables conntrack
    libnghttp2-14 libjson-c5 libyaml-0-2 libarchive13 libsystemd0 zlib1g nghttp2-client)
VM_REPOSITORY=/srv/packages
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
# What it left on its own disk is written out; of the machine's, a cut of power takes what is not.
case $(cat /run/again 2> /dev/null) in
reboot) sync -f /payload; exec systemctl reboot ;;
cut) sync -f /payload; echo cut > /dev/virtio-ports/status; exit ;;
esac
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
    {
        echo "$VM_SUITE" "${VM_FRESH[@]}" "${VM_NODE[@]}" "${VM_MASKED[@]}"
        guest_runner; guest_unit; declare -f build_disk in_guest make_repository prepare_guest make_disk
    } | sha256sum | cut -c1-16
}

# Prints the directory with the disks, vmlinuz and initrd; makes it where it is not there yet.
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

# in_guest COMMAND...: in the root file system that is being made; nothing that is installed there starts.
in_guest() {
    DEBIAN_FRONTEND=noninteractive chroot "$WORK_ROOT" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@" >> "$CACHE/debootstrap.log" 2>&1
}

# The packages of a node, and an index of them: what the guest, which has no network, installs from.
make_repository() {
    local place=$WORK_ROOT$VM_REPOSITORY file
    mkdir -p "$place" && cp /etc/resolv.conf "$WORK_ROOT/etc/resolv.conf" || return 1
    # The clocks of test machines go as they like.
    in_guest apt-get -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false update &&
        in_guest apt-get install --yes --no-install-recommends --download-only "${VM_NODE[@]}" &&
        mv "$WORK_ROOT"/var/cache/apt/archives/*.deb "$place/" || return 1
    for file in "$place"/*.deb; do
        dpkg-deb -f "$file" || return 1
        printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "${file##*/}" "$(stat -c %s "$file")" "$(sha256sum < "$file" | cut -d' ' -f1)"
    done > "$place/Packages"
    rm -rf "$WORK_ROOT"/var/lib/apt/lists/* "$WORK_ROOT/etc/resolv.conf"
    echo "deb [trusted=yes] file:$VM_REPOSITORY ./" > "$WORK_ROOT/etc/apt/sources.list"
    in_guest apt-get update
}

prepare_guest() {
    local units=$WORK_ROOT/etc/systemd/system unit
    guest_runner > "$WORK_ROOT/usr/local/sbin/run-payload" && chmod 755 "$WORK_ROOT/usr/local/sbin/run-payload" || return 1
    guest_unit > "$units/run-payload.service"
    ln -s ../run-payload.service "$units/multi-user.target.wants/" || return 1
    for unit in "${VM_MASKED[@]}"; do ln -sf /dev/null "$units/$unit"; done
    echo test-vm > "$WORK_ROOT/etc/hostname"
    printf '127.0.0.1 localhost test-vm\n::1 localhost\n' > "$WORK_ROOT/etc/hosts"
    : > "$WORK_ROOT/etc/machine-id"
    # Thousands of syncs that no test is about.
    echo force-unsafe-io > "$WORK_ROOT/etc/dpkg/dpkg.cfg.d/test-vm"
}

make_disk() { mkfs.ext4 -q -F -d "$WORK_ROOT" -L root "$1" 6G > /dev/null; }

build_disk() {
    local made=$1 work packages
    work=$(mktemp -d "$CACHE/making.XXXXXX") || return 1
    WORK_ROOT=$work/root
    # shellcheck disable=SC2064
    trap "umount --lazy '$work'/root/proc '$work'/root/sys 2> /dev/null; rm -rf --one-file-system '$work'" EXIT
    packages=$(IFS=,; echo "${VM_FRESH[*]}")
    echo "vm: making a Debian $VM_SUITE (one to three minutes) ..."
    debootstrap --variant=minbase --include="$packages" "$VM_SUITE" "$WORK_ROOT" "$VM_MIRROR" \
        > "$CACHE/debootstrap.log" 2>&1 || { tail -n 20 "$CACHE/debootstrap.log"; return 1; }
    mkdir "$work/made" && cp "$WORK_ROOT"/boot/vmlinuz-* "$work/made/vmlinuz" && cp "$WORK_ROOT"/boot/initrd.img-* "$work/made/initrd" || return 1
    rm -rf "$WORK_ROOT"/var/cache/apt/* "${WORK_ROOT:?}"/boot/*
    mkdir -p "$WORK_ROOT/var/cache/apt/archives/partial"
    prepare_guest && make_repository || { tail -n 20 "$CACHE/debootstrap.log"; return 1; }
    make_disk "$work/made/fresh.ext4" || return 1
    in_guest apt-get install --yes --no-install-recommends "${VM_NODE[@]}" || { tail -n 20 "$CACHE/debootstrap.log"; return 1; }
    rm -rf "${WORK_ROOT:?}$VM_REPOSITORY"
    make_disk "$work/made/disk.ext4" || return 1
    mv "$work/made" "$made" && echo "vm: disks ready: $made"
}
