import ByteText

/// What a container runs, and with which environment.
enum ProcessArguments {
    /// `command` replaces the image's entrypoint, and then the image's cmd counts no more; `args` alone replace the cmd.
    static func argv(_ config: AppConfig, _ image: ImageConfig) throws(EngineError) -> [String] {
        let argv: [String]
        if !config.command.isEmpty {
            argv = config.command + config.args
        } else {
            // How a Dockerfile takes an entrypoint back: `ENTRYPOINT [""]`.
            let entrypoint = image.entrypoint == [""] ? [] : image.entrypoint
            argv = entrypoint + (config.args.isEmpty ? image.cmd : config.args)
        }
        guard let first = argv.first, !first.isEmpty else {
            throw EngineError(.invalid, "no command: neither the configuration nor the image says what to run")
        }
        return argv
    }

    /// The image's variables, then the configuration's over them, then what every process expects where nobody said.
    static func environment(
        _ config: AppConfig, _ image: ImageConfig, hostname: String, home: String
    ) -> [AppConfig.Variable] {
        var variables: [AppConfig.Variable] = []
        var places: [ByteString: Int] = [:]
        func set(_ name: String, _ value: String) {
            if let place = places[text: name] {
                variables[place].value = value
            } else {
                places[text: name] = variables.count
                variables.append(.init(name: name, value: value))
            }
        }
        for text in image.env {
            guard let (name, value) = text.cut(at: "="), !name.isEmpty else { continue }
            set(String(name), String(value))
        }
        for variable in config.env { set(variable.name, variable.value) }
        var fallbacks = [
            ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("HOME", home),
        ]
        if !hostname.isEmpty { fallbacks.append(("HOSTNAME", hostname)) }
        if config.tty { fallbacks.append(("TERM", "xterm")) }
        for (name, value) in fallbacks where places[text: name] == nil { set(name, value) }
        return variables
    }
}
