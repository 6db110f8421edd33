# shellcheck shell=bash
# Long steps, each in one line; to be sourced. ROOT is the project's directory.
#
# On a terminal the line tells what is being done, for how long, and what was said last; elsewhere there is one line when a step begins and one when it
# ends. What the step itself says goes to a log: a failure names it, and shows the errors in it and its end.
LOGS=${RKTLET_LOGS:-$ROOT/out/log}
STEP_TICKER='' STEP_BEGAN=0 STEP_TITLE=''

# What the tools warn of and nobody has to act upon: code of other packages.
STEP_NOISE="/(checkouts|repositories)/|^warning: '[^']+': found [0-9]+ file|^warning: '(swift-|grpc-|hummingbird)"

step_time() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# step_line TEXT: in place of what the line said before, cut to the terminal's width.
step_line() {
    local size columns
    { size=$(stty size <&3 2> /dev/null) || size=; } 3>&1
    columns=${size#* }
    [ "${columns:-0}" -gt 20 ] || columns=80
    printf '\r\033[K%s' "${1:0:columns - 1}"
}

# The last thing that was said in a log, as plain text.
step_said() { tail -c 2000 -- "$1" 2> /dev/null | tr '\r' '\n' | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g' | LC_ALL=C tr -cd '\12\40-\176' | grep -v '^ *$' | tail -n 1 || true; }

# step_begin TITLE LOG [go-on]: what is said by a step goes to LOG, by the caller's doing; `go-on` keeps what is in it.
step_begin() {
    STEP_TITLE=$1 STEP_BEGAN=$SECONDS
    mkdir -p "$(dirname "$2")"
    [ -n "${3:-}" ] || : > "$2"
    if [ ! -t 1 ]; then
        echo "== $1: begins; details in ${2#"$ROOT/"}"
        return
    fi
    (
        trap 'exit 0' INT TERM
        while kill -0 $$ 2> /dev/null; do
            step_line "== $1  $(step_time $((SECONDS - STEP_BEGAN)))  $(step_said "$2")"
            sleep 1 &
            wait $!
        done
    ) &
    STEP_TICKER=$!
}

# step_end TEXT: how it went.
step_end() {
    if [ -n "$STEP_TICKER" ]; then
        kill -TERM "$STEP_TICKER" 2> /dev/null || true
        wait "$STEP_TICKER" 2> /dev/null || true
        STEP_TICKER=
        step_line ''
    fi
    echo "== $STEP_TITLE: $1, $(step_time $((SECONDS - STEP_BEGAN)))"
}

# step_failure LOG: what went wrong, and where the rest is.
step_failure() {
    { head -n -25 -- "$1" | grep -aE '^[^ ].*error: |^error: ' | awk '!seen[$0]++' | head -n 20 || true
      tail -n 25 -- "$1"; } | cut -c 1-400
    echo "== the whole log: ${1#"$ROOT/"}"
}

# step_warnings LOG: those that a build gave of code of ours, or of the linking of it.
step_warnings() { grep -aE '(^|: )warning: ' -- "$1" | grep -avE "$STEP_NOISE" | sort -u | cut -c 1-400 || true; }

# step NAME TITLE COMMAND...: COMMAND, which may be a function, with its log in out/log/NAME.log; its exit status.
step() {
    local name=$1 title=$2 log=$LOGS/$1.log status=0
    shift 2
    step_begin "$title" "$log"
    "$@" >> "$log" 2>&1 < /dev/null || status=$?
    if [ $status = 0 ]; then
        step_end 'done'
    else
        step_end "FAILED (exit status $status)"
        step_failure "$log"
    fi
    return $status
}

# step_build NAME TITLE COMMAND...: a step that shows what the compiler and the linker warn of, too.
step_build() {
    local status=0
    step "$@" || status=$?
    [ $status != 0 ] || step_warnings "$LOGS/$1.log"
    return $status
}
