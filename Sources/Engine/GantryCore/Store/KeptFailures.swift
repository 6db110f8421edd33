import ByteText
import Glibc
import JSON

/// Why starts failed for which the disk had no room to be told of: `<run-dir>/engine/failed/<uuid>.json`, which is memory. It counts as the
/// pod's error until the pod is removed.
package struct KeptFailures: Sendable {
    let runDir: String

    var directory: String { "\(runDir)/engine/failed" }
    private func path(_ uuid: PodUUID) -> String { "\(directory)/\(uuid).json" }

    package func keep(_ error: EngineError, of uuid: PodUUID) throws(EngineError) {
        try StoreFile.makeDirectories(directory, mode: PrivateDirectories.mode)
        let document: JSON = ["code": .string(error.code.rawValue), "message": .string(error.message)]
        let failed = try StoreFile.openDirectory(AT_FDCWD, directory, path: directory)
        defer { close(failed) }
        try StoreFile.writeJSON(failed, "\(uuid).json", document, path: path(uuid), durability: .atomic)
    }

    package func forget(_ uuid: PodUUID) { unlink(path(uuid)) }

    package func failure(of uuid: PodUUID) -> EngineError? {
        guard let document = try? StoreFile.readJSON(AT_FDCWD, path(uuid), path: path(uuid)) else { return nil }
        let code = EngineError.Code(rawValue: document["code"]?.stringValue ?? "") ?? .internal
        return EngineError(code, document["message"]?.stringValue ?? "")
    }
}

extension PodStore {
    package var keptFailures: KeptFailures { KeptFailures(runDir: runDir) }

    /// Keeps why a start failed, unless the pod's own record tells it.
    package func keepFailure(_ error: EngineError, of uuid: PodUUID) {
        if let pod = try? open(uuid), let record = try? pod.readRecord(), !record.error.isEmpty { return }
        do throws(EngineError) {
            try keptFailures.keep(error, of: uuid)
        } catch {
            StandardError.write("pod \(uuid): cannot keep why its start failed: \(error.message)")
        }
    }

    /// Takes over into a record what it lacks.
    func addKeptFailure(to record: inout PodRecord) {
        guard record.error.isEmpty, record.startedAt == nil, let failure = keptFailures.failure(of: record.uuid) else {
            return
        }
        (record.error, record.errorCode) = (failure.message, failure.code.rawValue)
    }

    /// Forgets the failures of pods that are no more.
    func sweepKeptFailures() {
        for name in Files.entries(keptFailures.directory) {
            guard let uuid = name.without(suffix: ".json").flatMap({ PodUUID(String($0)) }),
                (try? open(uuid)) == nil
            else { continue }
            keptFailures.forget(uuid)
        }
    }
}
