import ArgumentParser

struct AppCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "app", abstract: "Pods and the apps in them.",
        subcommands: [
            AppSandbox.self, AppAdd.self, AppStart.self, AppStop.self, AppRemove.self, AppExec.self, AppStatus.self,
            AppList.self,
        ])

    /// By the word that names them.
    static let verbs: [String: any ParsableCommand.Type] = [
        "sandbox": AppSandbox.self, "add": AppAdd.self, "start": AppStart.self, "stop": AppStop.self,
        "rm": AppRemove.self,
        "exec": AppExec.self, "status": AppStatus.self, "list": AppList.self,
    ]
}
