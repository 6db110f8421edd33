# shellcheck shell=bash
# An instance: its record in $DIR, its first process, how it is started and stopped.
#
#   $DIR/options   one "KEY VALUE" a line       $DIR/outer   pid of unshare(1), parent of PID 1
#   $DIR/cgroups   /proc/self/cgroup at start   $DIR/leader  pid of the instance's PID 1
#   $DIR/var       its /var                     $DIR/log     what went wrong before systemd had a journal

# A process that is neither gone nor a zombie: PID 1 of a container host may reap late.
alive() {
    local state
    state=$(awk '/^State:/ { print $2 }' "/proc/$1/status" 2>/dev/null)
    [ -n "$state" ] && [ "$state" != Z ] && [ "$state" != X ]
}

# A recorded pid means our process only while its start time is the recorded one.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
record_process() { echo "$2 $(start_time "$2")" > "$DIR/$1"; }
recorded_process() {
    local pid='' began=''
    [ -e "$DIR/$1" ] && read -r pid began < "$DIR/$1"
    [ -n "$pid" ] && [ -n "$began" ] && [ "$(start_time "$pid")" = "$began" ] && alive "$pid" && echo "$pid"
}

require_running() {
    # shellcheck disable=SC2034  # for the verbs
    LEADER=$(recorded_process leader) || die "$NAME is not running (testhost start $NAME)"
}

option() { grep -q -x "$1" "$DIR/options"; }
privately() { unshare --mount --propagation private -- "$SELF" "$@"; }

read_options() {
    local argument path
    for argument; do
        case $argument in
        --bind=* | --ro-bind=*)
            path=$(readlink -e "${argument#*=}") || die "$argument: no such file or directory"
            # The instance's systemd empties these at boot (tmpfiles.d), the machine's own files included.
            case $path in / | /tmp | /run | /var | /var/tmp | /dev | /proc | /sys) die "$argument: an instance has a $path of its own; bind a directory below it" ;; esac
            case $argument in --bind=*) echo "bind $path" ;; *) echo "ro-bind $path" ;; esac ;;
        --sysctl-rw | --privileged | --host-net | --die-with-parent) echo "${argument#--}" ;;
        *) die "unknown option $argument (testhost help)" ;;
        esac
    done
}

start() {
    local options
    [ "$(id -u)" = 0 ] || die "needs root"
    if [ -d "$DIR" ]; then
        if recorded_process leader > /dev/null; then die "$NAME is running already"; fi
        stop || die "$NAME: what an earlier run left cannot be removed"
    fi
    options=$(read_options "$@") || exit 125
    mkdir -p "$BASE" && mkdir "$DIR" "$DIR/mnt" "$DIR/var" "$DIR/cg" || die "cannot make $DIR"
    echo "$options" > "$DIR/options"
    cp /proc/self/cgroup "$DIR/cgroups"
    echo $$ > "$DIR/token"
    privately __make_cgroups "$NAME" || { stop; die "$NAME: cannot make its cgroups"; }
    launch
    wait_until_booted
}

launch() {
    local network=--net binding=()
    option host-net && network=
    option die-with-parent && binding=(setpriv --pdeathsig KILL)
    # shellcheck disable=SC2086  # $network is one word or none
    setsid "${binding[@]}" unshare --pid --fork --kill-child=SIGKILL --mount --propagation private --ipc --uts \
        $network -- "$SELF" __first_process "$NAME" < /dev/null > "$DIR/log" 2>&1 &
    OUTER=$!
    disown "$OUTER"
    record_process outer "$OUTER"
}

# Thirty seconds at most: a boot takes less than one, on a busy machine a few.
wait_until_booted() {
    local child
    for _ in $(seq 1 1500); do
        if ! alive "$OUTER"; then cat "$DIR/log" >&2; stop; die "$NAME: systemd did not start"; fi
        if [ ! -e "$DIR/leader" ]; then
            read -r child _ < "/proc/$OUTER/task/$OUTER/children" 2>/dev/null
            [ -n "${child:-}" ] && record_process leader "$child"
        elif [ -e "/proc/$(cut -d' ' -f1 "$DIR/leader")/root/run/testhost-booted" ]; then
            return 0
        fi
        sleep 0.02
    done
    cat "$DIR/log" >&2
    stop
    die "$NAME: not booted after 30 s"
}

# Stage two: PID 1 of the new namespaces, still on the host's root; the cgroup namespace comes last,
# as its root is the cgroup that is entered before.
first_process() {
    enter_cgroups || die "$NAME: cannot enter its cgroups"
    exec unshare --cgroup -- "$SELF" __build_and_boot "$NAME"
}

build_and_boot() {
    # shellcheck disable=SC2181
    build_root   # no "||": it would switch off the errexit inside
    [ $? = 0 ] || die "$NAME: cannot build its root file system"
    boot
}

wait_for_end() {  # PID TRIES
    for _ in $(seq 1 "$2"); do alive "$1" || return 0; sleep 0.02; done
    return 1
}

thaw_everything() {  # a frozen task does not even die
    nsenter --target "$1" --mount -- sh -c '
        for f in $(find /sys/fs/cgroup/freezer -name freezer.state); do echo THAWED > $f; done
        for f in $(find /sys/fs/cgroup -name cgroup.freeze); do echo 0 > $f; done' 2> /dev/null
}

stop() {
    local leader outer status=0
    [ -d "$DIR" ] || return 0
    if leader=$(recorded_process leader); then
        thaw_everything "$leader"
        if [ "$(cat "/proc/$leader/comm" 2>/dev/null)" = systemd ]; then
            kill -s RTMIN+4 "$leader" 2>/dev/null   # systemd(1): poweroff.target
            wait_for_end "$leader" 250
        fi
        alive "$leader" && kill -KILL "$leader"   # the kernel kills the whole PID namespace
        wait_for_end "$leader" 1500
    fi
    if outer=$(recorded_process outer); then
        wait_for_end "$outer" 100 || kill -KILL "$outer"
        wait_for_end "$outer" 100
    fi
    if [ -e "$DIR/cgroups" ]; then privately __remove_cgroups "$NAME" || status=1; fi
    [ $status = 0 ] || return 1
    rm -rf --one-file-system "$DIR" || return 1
    rmdir "$BASE" 2>/dev/null
    return 0
}

sweep() {
    local status=0
    for DIR in "$BASE"/*/; do
        [ -d "$DIR" ] || continue
        DIR=${DIR%/} NAME=$(basename "$DIR")
        recorded_process leader > /dev/null || stop || status=1
    done
    return $status
}
