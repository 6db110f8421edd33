# shellcheck shell=bash
# The cgroup hierarchies of the machine, and an instance's own cgroup in each.
#
# /proc/self/cgroup is the list of hierarchies: one may exist without being mounted anywhere. Each
# is mounted afresh below $DIR/cg in a private mount namespace, so that the host's mounts do not matter.
# A hierarchy's key is what /proc/self/cgroup calls it: controllers, "name=systemd", or "" for cgroup2.

# each_hierarchy FUNCTION: calls FUNCTION KEY DIRECTORY-OF-OUR-OWN-CGROUP for each; stops at a failure.
each_hierarchy() {
    local key own
    while IFS=: read -r _ key own; do
        "$1" "$key" "$DIR/cg/$(hierarchy_name "$key")${own%/}" || return 1
    done < "$DIR/cgroups"
}

hierarchy_name() {
    case $1 in '') echo unified ;; name=*) echo "${1#name=}" ;; *) echo "$1" ;; esac
}

mount_hierarchy() {  # KEY DIRECTORY
    local flags=nosuid,nodev,noexec
    case $1 in
    '') mount -t cgroup2 -o "$flags" cgroup2 "$2" ;;
    name=*) mount -t cgroup -o "$flags,none,$1" cgroup "$2" ;;
    *) mount -t cgroup -o "$flags,$1" cgroup "$2" ;;
    esac
}

mount_hierarchies() {
    local key
    mount -t tmpfs cgroups "$DIR/cg" || return 1
    while IFS=: read -r _ key _; do
        mkdir "$DIR/cg/$(hierarchy_name "$key")" && mount_hierarchy "$key" "$DIR/cg/$(hierarchy_name "$key")" || return 1
    done < "$DIR/cgroups"
}

# The host has only cgroup2: then the instance's /sys/fs/cgroup is one, too.
only_cgroup2() { ! grep -q -v '^[0-9]*::' "$DIR/cgroups"; }

own_cgroup() { echo "rktlet-test-$NAME-$(cat "$DIR/token")"; }

make_cgroup() {  # KEY OWN
    local made
    made=$2/$(own_cgroup)
    # On a hybrid host cgroup2 must stay without controllers: crun refuses to mix them.
    if only_cgroup2 && [ -e "$2/cgroup.controllers" ]; then
        for controller in $(cat "$2/cgroup.controllers"); do
            echo "+$controller" > "$2/cgroup.subtree_control"
        done 2>/dev/null
    fi
    mkdir "$made" || return 1
    if [ -n "$1" ] && [ -e "$2/cpuset.mems" ]; then   # v1: no task may enter an empty cpuset
        cat "$2/cpuset.cpus" > "$made/cpuset.cpus"
        cat "$2/cpuset.mems" > "$made/cpuset.mems"
        echo 1 > "$made/cgroup.clone_children"
    fi
}
make_cgroups() { mount_hierarchies && each_hierarchy make_cgroup; }

enter_cgroup() { echo 0 > "$2/$(own_cgroup)/cgroup.procs"; }  # 0: the writer itself
enter_cgroups() { mount_hierarchies && each_hierarchy enter_cgroup; }

remove_cgroup() {  # KEY OWN
    local made
    made=$2/$(own_cgroup)
    [ -d "$made" ] || return 0
    find "$made" -depth -type d -exec rmdir {} + 2>/dev/null
    [ ! -d "$made" ] || LEFT=$made
}

remove_cgroups() {
    [ -e "$DIR/token" ] || return 0
    mount_hierarchies || return 1
    for _ in $(seq 1 1500); do
        LEFT=
        each_hierarchy remove_cgroup
        [ -z "$LEFT" ] && return 0
        sleep 0.02   # a killed process leaves its cgroup a moment after it is gone
    done
    echo "testhost: $NAME: cgroup $LEFT is still in use by:" >&2
    find "$LEFT" -name cgroup.procs -exec grep -H . {} + >&2
    return 1
}
