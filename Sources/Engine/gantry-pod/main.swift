import ByteText
import GantryCore
import Glibc

/// `gantry-pod --dir DIR --run-dir DIR --uuid UUID [--lock-fd N]`: the supervisor of one pod, whose directory is there.
private func options(_ arguments: [String]) -> PodStart.Options? {
    var values: [String: String] = [:]
    var rest = arguments[...]
    while let argument = rest.popFirst() {
        let parts = argument.words(at: "=", maxWords: 2).map(String.init)
        guard let flag = parts.first, ["--dir", "--run-dir", "--uuid", "--lock-fd"].contains(flag),
            let value = parts.count == 2 ? parts[1] : rest.popFirst()
        else { return nil }
        values[flag] = value
    }
    guard let dir = values["--dir"], let runDir = values["--run-dir"],
        let uuid = values["--uuid"].flatMap(PodUUID.init),
        dir.begins(with: "/"), runDir.begins(with: "/")
    else { return nil }
    let lock = values["--lock-fd"].map { Int32(digits: $0) ?? -1 }
    return PodStart.Options(dir: dir, runDir: runDir, uuid: uuid, lock: lock)
}

guard let options = options(Array(CommandLine.arguments.dropFirst())) else {
    StandardError.write("usage: gantry-pod --dir DIR --run-dir DIR --uuid UUID [--lock-fd N]   (absolute directories)")
    exit(2)
}
exit(PodProgram(options: options).run())
