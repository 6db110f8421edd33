#!/bin/sh
# The engine, with an accident: where /run/crash-plan says so, kills a process just before or after one of its verbs.
# The plan is one line, "before|after VERB... : daemon|supervisor|systemd-run|gantry"; it is used up when it strikes. The verb is the whole of the
# verb's words: "stop" is not "app stop". What is in /run/crash-plan.next is the plan then: for the next daemon. `app sandbox` does not return while the pod lives; after it is when systemd knows it ready.
plan=/run/crash-plan
real=${RKTLET_REAL_ENGINE:-$(cat /run/crash-engine)}

planned() {
    [ -e "$plan" ] || return 1
    read -r when rest <"$plan" || return 1
    [ "$when" = "$1" ] || return 1
    case "$words " in "${rest% : *} "*) return 0 ;; *) return 1 ;; esac
}

strike() {
    planned "$1" || return 0
    mv "$plan" "$plan.struck" 2>/dev/null || return 0
    mv "$plan.next" "$plan" 2>/dev/null
    case ${rest##* : } in
    daemon)
        systemctl kill -sKILL --kill-whom=main rktlet.service
        # Before the verb is without it: this ends with the daemon now. A pod's first process is not the daemon's, and goes on.
        case "$1 $words " in "before "*"app sandbox "*) ;; "before "*) exec sleep 1000 ;; esac
        ;;
    supervisor) systemctl kill -sKILL --kill-whom=main 'rktlet-pod-*.service' ;;
    # The command line itself, of which this is the first half, and the last.
    gantry) kill -KILL $$ ;;
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
*" app sandbox "*)
    if planned after; then
        unit=$(grep -o 'rktlet-pod-[0-9a-f]*\.service' /proc/self/cgroup | head -n 1)
        systemd-run --quiet --collect --unit=crash-after-sandbox /bin/sh -c "
            while [ \"\$(systemctl show -PActiveState $unit)\" = activating ]; do :; done
            mv $plan $plan.struck; systemctl kill -sKILL --kill-whom=main rktlet.service"
    fi
    exec "$real" "$@" ;;
*" events "*) exec "$real" "$@" ;;
esac
"$real" "$@"
status=$?
strike after
exit $status
