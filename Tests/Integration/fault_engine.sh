#!/bin/sh
# The engine, with a fault: /run/engine-fault is "VERB... : hang|rubbish|fail", and that verb does so instead of its work.
fault=/run/engine-fault
real=$(cat /run/fault-engine)

# The verb's words without options: "app add", "image fetch".
words=
for word in "$@"; do
    case $word in
    -*) ;;
    *) words="${words:+$words }$word" ;;
    esac
done

if [ -e "$fault" ]; then
    read -r rest <"$fault"
    case "$words " in
    "${rest% : *} "*)
        case ${rest##* : } in
        hang) exec sleep 1000 ;;
        rubbish)
            echo '}{ not JSON'
            exit 0
            ;;
        fail)
            echo "the engine has a bad day" >&2
            exit 254
            ;;
        esac
        ;;
    esac
fi
exec "$real" "$@"
