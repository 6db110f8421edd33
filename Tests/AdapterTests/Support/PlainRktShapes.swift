import Domain

@testable import RktCLI

/// What rkt 1.30.0 prints, with our annotations in it.
enum PlainRktShapes {
    static let uuid = "7c4bf4b6-95e4-4b05-bb2f-5dd3a5a1f3b1"

    static func app(_ state: String, _ more: String = "") throws -> String {
        let annotation = try RktAnnotation.encode(
            ContainerAnnotation(Samples.newContainer(Samples.plainContainer)).text, of: "")
        return """
            {"name":"\(Samples.containerID)","state":"\(state)","created_at":1795469061256319834,"started_at":1795469061331462965\(more),\
            "image_id":"sha512-1","user_annotations":{"io.rktlet.container":"\(annotation)"}}
            """
    }

    static func pod(_ state: String = "running", apps: String = "null") throws -> String {
        let annotation = PodAnnotation(
            id: Samples.podID, createdAt: Timestamp(nanoseconds: 7), config: Samples.plainPod)
        let encoded = try RktAnnotation.encode(annotation.text, of: "")
        return """
            {"name":"\(uuid)","state":"\(state)","networks":[{"netName":"default","netConf":"net/99-default.conf",\
            "pluginPath":"stage1/rootfs/usr/lib/rkt/plugins/net/ptp","ifName":"eth0","ip":"172.16.28.2","args":"","mask":"255.255.255.0"}],\
            "app_names":null,"apps":\(apps),"created_at":1795468211,"started_at":1795468212,\
            "user_annotations":{"io.rktlet.pod":"\(encoded)"},"user_labels":{"lab":"val1"}}
            """
    }

    static let foreign =
        #"{"name":"11111111-1111-1111-1111-111111111111","state":"running","apps":null,"created_at":1}"#
}

extension FakeEngine {
    /// An rkt with one pod of the daemon's that runs, with one app in this state, and a pod of somebody else's.
    static func rktPod(app state: String = "running", _ more: String = "") throws -> FakeEngine {
        let fake = try FakeEngine.rkt()
        let app = try PlainRktShapes.app("running")
        try fake.answer("list", "[\(try PlainRktShapes.pod(apps: "[\(app)]")),\(PlainRktShapes.foreign)]\n")
        try fake.answer("app-status", try PlainRktShapes.app(state, more))
        return fake
    }
}
