import ArgumentParser

struct AppCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "app", abstract: "Pods and the apps in them.",
        subcommands: [
            AppSandbox.self, AppAdd.self, AppStart.self, AppStop.self, AppRemove.self, AppExec.self, AppAttach.self,
            AppStatus.self,
            AppList.self, AppReopenLog.self, AppUpdate.self,
            AppCheckpoint.self,
        ])
}
