import ByteText

/// The verbs on the path of a pod's start and end, and the reader of events, read without ArgumentParser, which costs more than their own work.
enum PlainVerb {
    private static let common: Set<String> = ["dir", "run-dir", "format"]

    /// - Returns: nil for other verbs, and for arguments that are left to ArgumentParser to understand or to refuse.
    static func read(_ words: [String]) -> (any Verb)? {
        guard words.count > 1 else { return nil }
        guard words[0] == "app" else { return ofPod(words[0], words[1...]) }
        guard words.count > 2 else { return nil }
        let rest = words[2...]
        switch words[1] {
        case "sandbox": return sandbox(rest)
        case "add": return add(rest)
        case "start": return selected(rest).map { StartApp(context: $0, pod: $1, app: $2) }
        case "rm": return selected(rest).map { RemoveApp(context: $0, pod: $1, app: $2) }
        case "stop": return stop(rest)
        case "exec": return exec(rest)
        case "attach": return attach(rest)
        default: return nil
        }
    }

    private static func ofPod(_ verb: String, _ words: ArraySlice<String>) -> (any Verb)? {
        switch verb {
        case "stop": return stopPod(words)
        case "events": return events(words)
        case "port-forward": return forward(words)
        case "rm":
            guard let plain = PlainArguments(words, known: common), !plain.operands.isEmpty, let context = plain.context
            else { return nil }
            return RemovePods(context: context, pods: plain.operands)
        case "abandon":
            guard let plain = PlainArguments(words, known: common), plain.operands.count == 1,
                let context = plain.context
            else { return nil }
            return AbandonPod(context: context, pod: plain.operands[0])
        case "pod-cleanup":
            guard let plain = PlainArguments(words, known: common), plain.operands.count == 1,
                let context = plain.context
            else { return nil }
            return CleanUpPod(context: context, uuid: plain.operands[0])
        case "status":
            guard let plain = PlainArguments(words, known: common.union(["wait-ready"])), plain.operands.count == 1,
                let context = plain.context, let wait = plain.duration("wait-ready")
            else { return nil }
            return ShowPod(context: context, pod: plain.operands[0], waitReady: wait.value)
        default: return nil
        }
    }

    private static func stopPod(_ words: ArraySlice<String>) -> StopPod? {
        guard let plain = PlainArguments(words, known: common.union(["timeout"]), flags: ["force"]),
            plain.operands.count == 1, let context = plain.context, let timeout = plain.duration("timeout")
        else { return nil }
        return StopPod(
            context: context, pod: plain.operands[0], force: plain.flags.contains("force"), timeout: timeout.value)
    }

    private static func events(_ words: ArraySlice<String>) -> FollowEvents? {
        guard let plain = PlainArguments(words, known: ["dir", "run-dir", "since", "boot", "follow"]),
            plain.operands.isEmpty, let context = plain.context,
            let follow = Bool(plain.options["follow"] ?? "true")
        else { return nil }
        let (since, boot) = (plain.options["since"], plain.options["boot"])
        guard FollowEvents.isBeginning(since: since, boot: boot) else { return nil }
        return FollowEvents(context: context, since: since, boot: boot, follow: follow)
    }

    /// For a program; people's ports are left to ArgumentParser.
    private static func forward(_ words: ArraySlice<String>) -> ServeConnections? {
        guard let plain = PlainArguments(words, known: common.union(["session"])), plain.operands.count == 1,
            let context = plain.context, let session = plain.options["session"], let socket = Int32(digits: session)
        else { return nil }
        return ServeConnections(context: context, pod: plain.operands[0], socket: socket)
    }

    private static func sandbox(_ words: ArraySlice<String>) -> LaunchSandbox? {
        let known = common.union(["uuid", "uuid-file-save", "config", "oci-runtime"])
        guard let plain = PlainArguments(words, known: known), plain.operands.isEmpty, let context = plain.context
        else { return nil }
        return LaunchSandbox(
            context: context, uuid: plain.options["uuid"], uuidFileSave: plain.options["uuid-file-save"],
            config: plain.options["config"], ociRuntime: plain.options["oci-runtime"])
    }

    private static func add(_ words: ArraySlice<String>) -> AddApp? {
        guard let plain = PlainArguments(words, known: common.union(["name", "config", "checkpoint"])),
            plain.operands.count == 2,
            let context = plain.context, let name = plain.options["name"]
        else { return nil }
        return AddApp(
            context: context, pod: plain.operands[0], image: plain.operands[1], name: name,
            config: plain.options["config"], checkpoint: plain.options["checkpoint"])
    }

    private static func selected(_ words: ArraySlice<String>) -> (EngineContext, String, String)? {
        guard let plain = PlainArguments(words, known: common.union(["app"])), plain.operands.count == 1,
            let context = plain.context, let app = plain.options["app"]
        else { return nil }
        return (context, plain.operands[0], app)
    }

    private static func stop(_ words: ArraySlice<String>) -> StopApp? {
        guard let plain = PlainArguments(words, known: common.union(["app", "signal", "timeout"])),
            plain.operands.count == 1, let context = plain.context, let app = plain.options["app"],
            let timeout = plain.duration("timeout")
        else { return nil }
        return StopApp(
            context: context, pod: plain.operands[0], app: app, signal: plain.options["signal"], timeout: timeout.value)
    }

    /// For a program; a person's is left to ArgumentParser.
    private static func attach(_ words: ArraySlice<String>) -> AttachToApp? {
        guard
            let plain = PlainArguments(
                words, known: common.union(["app", "session"]), flags: ["tty", "stdin", "stdout", "stderr"]),
            plain.operands.count == 1, let context = plain.context, let app = plain.options["app"],
            let request = SessionArguments(plain)?.request
        else { return nil }
        return AttachToApp(
            context: context, pod: plain.operands[0], app: app, stdin: request.stdin, stdout: request.stdout,
            stderr: request.stderr, tty: plain.flags.contains("tty"), socket: request.socket)
    }

    private static func exec(_ words: ArraySlice<String>) -> ExecInApp? {
        guard
            let plain = PlainArguments(
                words, known: common.union(["app", "timeout", "max-output", "session", "size"]),
                flags: ["tty", "stdin", "stdout", "stderr"], passthrough: true),
            plain.operands.count > (plain.operands.dropFirst().first == "--" ? 2 : 1), let context = plain.context,
            let app = plain.options["app"], let timeout = plain.duration("timeout")
        else { return nil }
        var exec = ExecInApp(
            context: context, pod: plain.operands[0], app: app, command: Array(plain.operands.dropFirst()))
        exec.timeout = timeout.value
        exec.tty = plain.flags.contains("tty")
        guard let session = SessionArguments(plain), !(exec.tty && context.format == .json && session.request == nil)
        else { return nil }
        exec.session = session.request
        if let limit = plain.options["max-output"] {
            guard let bytes = Int(limit), ExecInApp.outputLimits.contains(bytes) else { return nil }
            exec.maxOutput = bytes
        }
        return exec
    }
}
