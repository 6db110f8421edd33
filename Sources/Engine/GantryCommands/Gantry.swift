import ArgumentParser

/// The command line of the pod engine.
struct Gantry: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gantry",
        abstract: "Runs pods of containers on systemd, without a daemon of its own.",
        discussion: """
            A pod is a systemd unit whose main process is its supervisor (gantry app sandbox). Apps are added to a running pod from images \
            that were fetched before. Everything is on disk: any command may be killed, and any other sees the truth.

            Results go to standard output, errors to standard error. A pod is named by its UUID or a unique beginning of it.
            """,
        version: "gantry Version: \(VersionCommand.number)",
        subcommands: [
            AppCommand.self, PodList.self, PodStatus.self, CatManifest.self, PodStop.self, PodRemove.self,
            PodAbandon.self, ImageCommand.self,
            ImageFetchAlias.self, PortForwardCommand.self, EventsCommand.self, GarbageCommand.self,
            PodCleanupCommand.self, CheckpointFacts.self, VersionCommand.self,
        ])
}
