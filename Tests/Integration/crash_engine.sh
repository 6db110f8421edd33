#!/bin/sh
# The engine, with an accident: where /run/crash-plan says so, kills a process just before or after one of its verbs.
# The plan is one line, "before|after VERB... : daemon|supervisor|systemd-run"; it is used up when it strikes.
plan=/run/crash-plan
real=${RKTLET_REAL_ENGINE:-$(cat /run/crash-engine)}

strike() {
    [ -e "$plan" ] || return 0
    read -r when rest <"$plan" || return 0
    [ "$when" = "$1" ] || return 0
    case " $words " in *" ${rest% : *} "*) ;; *) return 0 ;; esac
    mv "$plan" "$plan.struck" 2>/dev/null || return 0
    case ${rest##* : } in
    daemon) systemctl kill -sKILL --kill-whom=main rktlet.service ;;
    supervisor) systemctl kill -sKILL --kill-whom=main 'rktlet-pod-*.service' ;;
    systemd-run) pkill -KILL -f '^/usr/bin/systemd-run .*--unit=rktlet-pod-' ;;
    esac
}

# The verb's words without options: "app add", "image fetch".
words=
for word in "$@"; do
    case $word in
    -*) ;;
    *) words="${words:+$words }$word" ;;
    esac
done

strike before
case " $words " in
*" app sandbox "*) exec "$real" "$@" ;;
*" events "*) exec "$real" "$@" ;;
esac
"$real" "$@"
status=$?
strike after
exit $status
