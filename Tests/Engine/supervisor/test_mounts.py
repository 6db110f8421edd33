"""Mounts of the host in containers: whatever order they are asked in, and whatever links are on the way to their targets."""

import os
import random
import socket

import pytest
from pods import Failed


def tree(root):
    """Every name below a directory, links not followed."""
    return sorted(os.path.join(place, name) for place, directories, files in os.walk(root) for name in directories + files)


@pytest.fixture
def volume(tmp_path):
    """volume(*links, name=…) → a directory of the host with `marker` in it, and links (name, target)."""
    def make(name, *links):
        path = tmp_path / name
        path.mkdir()
        (path / "marker").write_text(name)
        for link, target in links:
            (path / link).parent.mkdir(parents=True, exist_ok=True)
            os.symlink(target, path / link)
        return str(path)
    return make


@pytest.fixture
def link(host):
    """link(name, target): a link in the image."""
    def make(name, target):
        os.makedirs(os.path.dirname(f"{host.layer}{name}"), exist_ok=True)
        os.symlink(target, f"{host.layer}{name}")
    return make


def mounts(*pairs, **fields):
    return [{"containerPath": place, "hostPath": source, **fields} for place, source in pairs]


def seen(pod, app, *paths):
    return [pod.execute(app, "cat", path)[1] for path in paths]


def test_a_child_may_be_asked_for_before_its_parent(pod, volume, tmp_path):
    outer, inner = volume("outer"), volume("inner")
    os.makedirs(f"{outer}/b/c")
    pod.run_app("a", "/bin/sleep", "1000", mounts=mounts(("/a/b/c", inner), ("/a", outer)))
    assert seen(pod, "a", "/a/marker", "/a/b/c/marker") == ["outer", "inner"]


def test_links_of_the_image_decide_which_is_the_parent(pod, volume, link):
    outer, inner = volume("outer"), volume("inner")
    os.mkdir(f"{outer}/f")
    link("/l", "/deep/er/dir")
    pod.run_app("a", "/bin/sleep", "1000", mounts=mounts(("/l/f", inner), ("/deep/er/dir", outer)))
    assert seen(pod, "a", "/l/marker", "/l/f/marker") == ["outer", "inner"]


@pytest.mark.parametrize("target", ["/nowhere/x", "nowhere/x", "../../../nowhere/x"])
@pytest.mark.parametrize("place", ["/l", "/l/f", "/data/l", "/data/l/f"])
@pytest.mark.parametrize("kind", ["directory", "file"])
def test_what_a_dangling_link_names_is_mounted_on(pod, volume, link, tmp_path, target, place, kind):
    outer, inner = volume("outer", ("l", target)), volume("inner")
    link("/l", target)
    before = tree(outer)
    source = inner if kind == "directory" else f"{inner}/marker"
    pod.run_app("a", "/bin/sleep", "1000", mounts=mounts((place, source), ("/data", outer)))
    assert seen(pod, "a", f"{place}/marker" if kind == "directory" else place) == ["inner"]
    # A relative link of a volume stays in the volume: there it is made, as any mount point in a volume is.
    stays = place.startswith("/data") and target == "nowhere/x"
    assert tree(outer) == before or stays and all("/nowhere" in path for path in set(tree(outer)) - set(before))
    assert not os.path.exists("/nowhere") and not os.path.exists(f"{tmp_path}/nowhere")


def test_a_link_of_a_mount_leads_nowhere_on_the_host(pod, volume, tmp_path):
    (tmp_path / "secret").mkdir()
    outer, inner = volume("outer", ("up", "../secret"), ("absolute", str(tmp_path / "secret"))), volume("inner")
    pod.run_app("a", "/bin/sleep", "1000", mounts=mounts(("/data/up/x", inner), ("/data/absolute/y", inner), ("/data", outer)))
    assert seen(pod, "a", "/data/up/x/marker", "/data/absolute/y/marker", "/secret/x/marker") == ["inner"] * 3
    assert os.listdir(tmp_path / "secret") == [] and len(tree(outer)) == 3


@pytest.mark.parametrize("recursive", [False, True])
@pytest.mark.parametrize("kind", ["file", "socket", "fifo"])
def test_what_is_no_directory_can_be_read_only(pod, tmp_path, kind, recursive):
    source = str(tmp_path / "source")
    if kind == "file":
        open(source, "w").close()
    elif kind == "fifo":
        os.mkfifo(source)
    else:
        with socket.socket(socket.AF_UNIX) as listener:
            directory = os.open(tmp_path, os.O_PATH)
            listener.bind(f"/proc/self/fd/{directory}/source")
            os.close(directory)
    pod.run_app("a", "/bin/sleep", "1000", mounts=mounts(("/x", source), readonly=True, recursiveReadOnly=recursive))
    assert pod.execute("a", "stat", "-c", "%F", "/x")[1].strip() == {"file": "regular empty file", "socket": "socket", "fifo": "fifo"}[kind]
    code, _, error, _ = pod.execute("a", "touch", "/x")
    assert code != 0 and "Read-only" in error


@pytest.mark.parametrize("place,source,links", [
    ("/l", "inner", [("/l", "l")]), ("/l/x", "inner", [("/l", "/m"), ("/m", "/l")]), ("/l", "inner", [("/l", "/")]),
    ("/l", "inner", [("/l", "/proc/self/attr")]), ("/l/x", "inner", [("/l", "/proc/self")]), ("/proc", "inner", []), ("/proc/sys/kernel", "inner", []),
    ("/l", "inner/marker", [("/l", "/proc/self/setgroups")]), ("/dev/../proc/sys", "inner", []),
    ("/bin/busybox", "inner", []), ("/bin/busybox/x", "inner", []), ("/etc", "inner/marker", []), ("/ro/new", "inner", []),
])
def test_a_target_that_cannot_be_had_is_refused_by_name(pod, volume, link, place, source, links):
    inner, outer = volume("inner"), volume("outer")
    for name, target in links:
        link(name, target)
    asked = mounts((place, os.path.join(os.path.dirname(inner), source))) + mounts(("/ro", outer), readonly=True)
    with pytest.raises(Failed) as refused:
        pod.add("a", "/bin/true", mounts=asked)
    assert refused.value.code == "invalid" and f"mounts[0] ({place})" in refused.value.message
    assert tree(outer) == [f"{outer}/marker"]


def test_the_machines_files_in_proc_may_be_others(pod, volume):
    pod.run_app("a", "/bin/sleep", "1000", mounts=mounts(("/proc/uptime", f"{volume('inner')}/marker")))
    pod.run_app("b", "/bin/sleep", "1000", mounts=mounts(("/proc", "/proc")))
    assert seen(pod, "a", "/proc/uptime") == ["inner"] and seen(pod, "b", "/proc/1/comm") == ["systemd\n"]


def test_links_that_move_each_others_mounts_end_soon(pod, volume, link):
    """Each is where it is only while the other is not: with every look at them they change places."""
    inner = volume("inner")
    link("/p/l", "/m")
    link("/m/k", "/p")
    with pytest.raises(Failed) as refused:
        pod.add("a", "/bin/true", mounts=mounts(("/p/l", inner), ("/m/k", inner), *((f"/q/{number}", inner) for number in range(400))))
    assert refused.value.code == "invalid" and "mounts[0] (/p/l), mounts[1] (/m/k)" in refused.value.message


def test_links_over_many_names_end_soon(host, pod, volume, link):
    inner = volume("inner")
    os.mkdir(f"{host.layer}/d")
    for number in range(39):
        link(f"/l{number}", "/" + "d/../" * 800 + f"l{number + 1}")
    os.mkdir(f"{host.layer}/l39")
    with pytest.raises(Failed) as refused:
        pod.add("a", "/bin/true", mounts=mounts(*((f"/l0/{number}", inner) for number in range(30))))
    assert refused.value.code == "invalid" and "mounts" in refused.value.message and "without end" in refused.value.message


@pytest.mark.parametrize("seed", range(12))
def test_any_mounts_are_seen_or_refused_by_name(host, pod, volume, link, seed):
    """Lists that are made up: all links and targets of three letters, in the image and in the volumes."""
    dice = random.Random(seed)
    for round in range(3):
        def path(longest):
            return "/" + "/".join(dice.choice("xyz") for _ in range(dice.randint(1, longest)))

        def links():
            chosen = {}
            for _ in range(dice.randint(0, 3)):
                chosen[path(1)] = dice.choice(["", ".."]) + path(2)
            return [(name[1:], target) for name, target in chosen.items()]
        volumes = [volume(f"{round}-{number}", *links()) for number in range(3)]
        # For every mount point that may be wanted in a volume: nothing is to be made there.
        for place in volumes:
            for first in "xyz":
                if not os.path.lexists(f"{place}/{first}"):
                    os.mkdir(f"{place}/{first}")
        before = {place: tree(place) for place in volumes}
        root = f"{host.dir}/images/layers/{round + 2}"
        os.makedirs(root)
        for name, target in links():
            os.symlink(target, f"{root}/{name}")
        asked = mounts(*((path(2), place) for place in volumes))
        name = f"r{round}"
        try:
            pod.add(name, "/bin/sleep", "1000", mounts=asked, image={"layers": [root, host.layer]})
        except Failed as refused:
            assert refused.code == "invalid" and "mounts" in refused.message, refused
            continue
        pod.start_app(name)
        shown = seen(pod, name, *(f"{mount['containerPath']}/marker" for mount in asked))
        own = [os.path.basename(mount["hostPath"]) for mount in asked]
        for index, (was, ought) in enumerate(zip(shown, own)):
            # Two may be one place: then the last one is seen.
            assert was == ought or was in own[index + 1:], (asked, shown)
        for place in volumes:
            grown = set(tree(place)) - set(before[place])
            assert all(os.path.isdir(made) and not os.listdir(made) for made in grown), "empty mount points of the volumes' own, no more"
