import Domain

extension ImageSpec {
    /// Far above the longest reference that registries take.
    private static let longestReference = 4_096

    /// - Throws: `invalidArgument` for an image that is not named, or by something that no reference looks like. Whether it is one is the
    ///   image store's to say.
    package init(wire: Runtime_V1_ImageSpec, at path: FieldPath) throws(DomainError) {
        let image = path.field("image")
        try image.atMost(Self.longestReference, wire.image)
        self.init(image: try image.word(wire.image))
        annotations = try path.field("annotations").keysWithoutNUL(wire.annotations)
        userSpecifiedImage = try path.field("user_specified_image").line(wire.userSpecifiedImage)
        runtimeHandler = wire.runtimeHandler
        imageRef = wire.imageRef
    }

    package var wire: Runtime_V1_ImageSpec {
        .with {
            $0.image = image
            $0.annotations = annotations
            $0.userSpecifiedImage = userSpecifiedImage
            $0.runtimeHandler = runtimeHandler
            $0.imageRef = imageRef
        }
    }

    /// For a container's status: its image is what the user asked for, also where the kubelet had resolved that before.
    package var asAskedFor: Runtime_V1_ImageSpec {
        var spec = wire
        if !userSpecifiedImage.isEmpty { spec.image = userSpecifiedImage }
        return spec
    }
}
