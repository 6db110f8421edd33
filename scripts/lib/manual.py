"""manual.py commands|configuration VERSION SECONDS: a manual page in man(7)'s language, on standard output.

`commands` reads what a program says of itself with --experimental-dump-help and tells of every subcommand; `configuration` reads the sample of
rktlet.yaml, whose comments are its documentation. So neither is written twice.
"""

import json
import sys
import time

SEE_ALSO = {
    "rktlet": ["rktlet.yaml(5)", "gantry(8)", "systemd-run(1)", "crictl(1)"],
    "gantry": ["rktlet(8)", "crun(1)", "skopeo(1)", "containers-policy.json(5)", "containers-registries.conf(5)"],
    "rktlet.yaml": ["rktlet(8)", "containers-registries.conf(5)"],
}


def escaped(text):
    """Text as it is meant: no request at a line's beginning, no escape, hyphens that can be copied."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    return "\n".join("\\&" + line if line.startswith((".", "\\(aq")) else line for line in text.splitlines())


def title(name, section, version, seconds):
    date = time.strftime("%Y-%m-%d", time.gmtime(seconds))
    print(f'.TH {escaped(name.upper())} {section} {date} "rktlet {version}" "Kubernetes nodes"\n.ad l')


def names_of(argument):
    """An option's names, as they are typed, with the name of its value."""
    value = argument.get("valueName", "value")
    if argument["kind"] == "positional":
        return f"\\fI{escaped(value)}\\fR" + (" ..." if argument["isRepeating"] else "")
    names = [("--" if name["kind"] == "long" else "-") + name["name"] for name in argument.get("names", [])]
    text = ", ".join(f"\\fB{escaped(name)}\\fR" for name in names)
    return text + (f" \\fI{escaped(value)}\\fR" if argument["kind"] == "option" else "")


def shown(arguments):
    """Those of the command itself: each has --help and --version."""
    return [each for each in arguments if each["shouldDisplay"] and each.get("valueName") not in ("help", "version")]


def usage(path, command):
    words = [f"\\fB{escaped(' '.join(path))}\\fR"]
    for argument in shown(command.get("arguments", [])):
        text = names_of(argument).split(", ")[-1] if argument["kind"] != "positional" else names_of(argument)
        words.append(f"[{text}]" if argument["isOptional"] else text)
    return " ".join(words)


def options(arguments):
    for argument in shown(arguments):
        print(f".TP\n{names_of(argument)}")
        text = argument.get("abstract", "")
        if argument.get("discussion"):
            text += "\n" + argument["discussion"]
        if argument.get("defaultValue"):
            text += f" Default: {argument['defaultValue']}."
        print(escaped(text.strip()) or "\\&")


def paragraphs(text):
    for paragraph in text.split("\n\n"):
        if paragraph.strip():
            print(f".PP\n{escaped(paragraph.strip())}")


def leaves(path, command):
    """Every command that can be run, with its words."""
    below = [each for each in command.get("subcommands", []) if each["shouldDisplay"] and each["commandName"] != "help"]
    if not below:
        yield path, command
    for each in below:
        yield from leaves([*path, each["commandName"]], each)


def commands(version, seconds):
    command = json.load(sys.stdin)["command"]
    name = command["commandName"]
    title(name, 8, version, seconds)
    abstract = command.get("abstract", "").strip().rstrip(".")
    print(f".SH NAME\n{escaped(name)} \\- {escaped(abstract[0].lower() + abstract[1:])}")
    print(f".SH SYNOPSIS\n\\fB{escaped(name)}\\fR \\fIcommand\\fR [\\fIoption\\fR ...]")
    if command.get("discussion"):
        print(".SH DESCRIPTION")
        paragraphs(command["discussion"])
    print(".SH COMMANDS")
    for path, each in leaves([name], command):
        print(f".SS {escaped(' '.join(path[1:]))}\n{usage(path, each)}")
        paragraphs(each.get("abstract", "") + "\n\n" + each.get("discussion", ""))
        options(each.get("arguments", []))
    ending(name)


def configuration(version, seconds):
    title("rktlet.yaml", 5, version, seconds)
    print(".SH NAME\nrktlet.yaml \\- configuration of rktlet(8)\n.SH DESCRIPTION")
    blocks = [block.splitlines() for block in sys.stdin.read().split("\n\n")]
    heading = True
    for block in blocks:
        # A word after `# ` is prose, `#` alone ends a paragraph, all else is YAML, commented out or not.
        prose = [line for line in block if line == "#" or (line.startswith("# ") and not line.startswith("#  "))]
        words = "\n".join(line[2:] for line in prose)
        keys = [line.removeprefix("#") for line in block if line and line not in prose]
        if keys and heading:
            print(".SH KEYS")
            heading = False
        if not keys:
            paragraphs(words)
            continue
        print(f".TP\n\\fB{escaped(keys[0].split(':')[0])}\\fR")
        print(f"{escaped(words.strip())}\n.IP\n.nf")
        print("\n".join(escaped(key) for key in keys))
        print(".fi")
    print(".SH FILES\n.I /etc/rktlet/rktlet.yaml\n.br\n.I /etc/rktlet/rktlet.yaml.d/*.yaml")
    ending("rktlet.yaml")


def ending(name):
    print(".SH SEE ALSO\n" + ", ".join(f"\\fB{escaped(page[:-3])}\\fR{page[-3:]}" for page in SEE_ALSO[name]))


{"commands": commands, "configuration": configuration}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
