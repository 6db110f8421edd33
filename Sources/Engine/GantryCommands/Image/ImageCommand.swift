import ArgumentParser

struct ImageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "Images in the store.",
        subcommands: [
            ImageFetchCommand.self, ImageList.self, ImageCatManifest.self, ImageRemove.self, ImageGarbage.self,
            ImageUsage.self,
        ])
}
