# shellcheck shell=bash
# The second disk of a run: the files the guest shall have (files/PATH, listed in paths) and the command.

add_path() {  # PATH: a file or directory of the host
    local path name
    path=$(readlink -e "$1") || die "$1: no such file or directory"
    name=$(realpath -s "$1")
    mkdir -p "$WORK/payload/files${path%/*}"
    [ -e "$WORK/payload/files$path" ] && return 0
    cp -a "$path" "$WORK/payload/files$path" || return 1
    echo "$path" >> "$WORK/payload/paths"
    # The name it was asked for by, where that is a link to it.
    if [ "$path" != "$name" ] && [ ! -e "$WORK/payload/files$name" ]; then
        mkdir -p "$WORK/payload/files${name%/*}" && ln -s "$path" "$WORK/payload/files$name" && echo "$name" >> "$WORK/payload/paths"
    fi
}

# What the loader resolves outside of the system's own library directories: those the guest has from its packages.
libraries() {
    ldd "$1" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | grep -v -E '^(/usr)?/lib/'
}

make_payload() {
    local item library
    mkdir -p "$WORK/payload/results" && : > "$WORK/payload/paths"
    for item in "${copies[@]}"; do add_path "$item" || return 1; done
    for item in "${programs[@]}"; do
        add_path "$item" || return 1
        for library in $(libraries "$item"); do add_path "$library" || return 1; done
    done
    {
        for item in "${environment[@]}"; do printf 'export %q\n' "$item"; done
        printf 'cd %q || exit 125\n' "$cwd"
        printf '%q ' "${command[@]}"
    } > "$WORK/payload/command"
    local kib
    kib=$(du -sk "$WORK/payload" | cut -f1)
    # No journal: what is synced is in place, for debugfs(8) to read.
    mkfs.ext4 -q -F -O ^has_journal -d "$WORK/payload" "$WORK/payload.ext4" "$((kib * 5 / 4 + 262144))k" > /dev/null && rm -rf "$WORK/payload"
}
