/// Where maps of strings are in a request: the numbers of their fields, and of the fields that hold messages with maps.
/// A test holds the table to the proto.
struct MapPlaces: Sendable {
    /// By the field's number, its name in the proto.
    var maps: [UInt64: String] = [:]
    var messages: [UInt64: (name: String, places: MapPlaces)] = [:]

    /// Of the request with this name in the proto; nil for one that has no map.
    static func of(request name: String) -> MapPlaces? { requests[name] }

    private static func config(_ places: MapPlaces) -> MapPlaces { MapPlaces(messages: [1: ("config", places)]) }
    private static func filter(_ places: MapPlaces) -> MapPlaces { MapPlaces(messages: [1: ("filter", places)]) }

    private static let resources = MapPlaces(maps: [9: "unified"])
    private static let image = MapPlaces(maps: [2: "annotations"])
    private static let ofImage = MapPlaces(messages: [1: ("image", image)])
    private static let pod = MapPlaces(
        maps: [6: "labels", 7: "annotations"],
        messages: [
            8: (
                "linux",
                MapPlaces(
                    maps: [3: "sysctls"], messages: [4: ("overhead", resources), 5: ("resources", resources)])
            )
        ])
    private static let container = MapPlaces(
        maps: [9: "labels", 10: "annotations"],
        messages: [
            2: ("image", image), 7: ("mounts", MapPlaces(messages: [9: ("image", image)])),
            15: ("linux", MapPlaces(messages: [1: ("resources", resources)])),
        ])

    private static let requests: [String: MapPlaces] = [
        "RunPodSandboxRequest": config(pod),
        "CreateContainerRequest": MapPlaces(messages: [2: ("config", container), 3: ("sandbox_config", pod)]),
        "UpdateContainerResourcesRequest": MapPlaces(maps: [4: "annotations"], messages: [2: ("linux", resources)]),
        "UpdatePodSandboxResourcesRequest": MapPlaces(
            messages: [2: ("overhead", resources), 3: ("resources", resources)]),
        "PullImageRequest": MapPlaces(messages: [1: ("image", image), 3: ("sandbox_config", pod)]),
        "ImageStatusRequest": ofImage, "RemoveImageRequest": ofImage,
        "ListImagesRequest": filter(ofImage), "StreamImagesRequest": filter(ofImage),
        "ListPodSandboxRequest": filter(MapPlaces(maps: [3: "label_selector"])),
        "StreamPodSandboxesRequest": filter(MapPlaces(maps: [3: "label_selector"])),
        "ListPodSandboxStatsRequest": filter(MapPlaces(maps: [2: "label_selector"])),
        "StreamPodSandboxStatsRequest": filter(MapPlaces(maps: [2: "label_selector"])),
        "ListContainersRequest": filter(MapPlaces(maps: [4: "label_selector"])),
        "StreamContainersRequest": filter(MapPlaces(maps: [4: "label_selector"])),
        "ListContainerStatsRequest": filter(MapPlaces(maps: [3: "label_selector"])),
        "StreamContainerStatsRequest": filter(MapPlaces(maps: [3: "label_selector"])),
        "CheckpointPodRequest": MapPlaces(maps: [4: "options"]),
        "RestorePodRequest": MapPlaces(
            maps: [4: "options"], messages: [2: ("config", pod), 5: ("container_configs", container)]),
    ]
}
