import Domain
import JSON

extension Image {
    /// `Image`.
    func write(_ json: inout JSONText) {
        json.object { json in
            json.member("id", id.rawValue)
            json.member("repoTags", repoTags)
            json.member("repoDigests", repoDigests)
            json.member("size", quoted: size)
            if let uid { json.member("uid") { json in json.object { $0.member("value", quoted: uid) } } }
            json.member("username", username)
            json.member("spec") { json in
                var spec = ImageSpec(image: id.rawValue)
                spec.annotations = annotations
                spec.write(&json)
            }
            json.member("pinned", pinned)
        }
    }

    /// What a verbose status adds: one entry, itself JSON, as the CRI has it.
    func writeInfo(_ json: inout JSONText) {
        var info = JSONText()
        info.object { json in
            json.member("id", id.rawValue)
            json.member("size", quoted: size)
        }
        json.object { $0.member("info", String(decoding: info.bytes, as: UTF8.self)) }
    }
}

extension ImageSpec {
    func write(_ json: inout JSONText) { write(&json, image: image) }

    /// For a container: its image is what the user asked for, also where the kubelet had resolved that before.
    func writeAsAskedFor(_ json: inout JSONText) {
        write(&json, image: userSpecifiedImage.isEmpty ? image : userSpecifiedImage)
    }

    private func write(_ json: inout JSONText, image: String) {
        json.object { json in
            json.member("image", image)
            json.member("annotations", annotations)
            json.member("userSpecifiedImage", userSpecifiedImage)
            json.member("runtimeHandler", runtimeHandler)
            json.member("imageRef", imageRef)
        }
    }
}

extension FilesystemUsage {
    func write(_ json: inout JSONText) {
        json.object { json in
            json.member("timestamp", quoted: timestamp.nanoseconds)
            json.member("fsId") { json in json.object { $0.member("mountpoint", mountpoint) } }
            json.member("usedBytes") { json in json.object { $0.member("value", quoted: usedBytes) } }
            json.member("inodesUsed") { json in json.object { $0.member("value", quoted: inodesUsed) } }
        }
    }
}
